-- Every part of the service may know how far the projections are; the projector moves them.
grant select on nova.projections to nova_app;
grant select, update on nova.projections to nova_projector;
