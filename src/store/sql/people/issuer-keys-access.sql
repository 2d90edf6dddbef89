-- Keys of an issuer are public, and belong to no user.
grant select, insert, update on nova.issuer_keys to nova_app;
