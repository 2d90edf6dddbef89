-- A user's service notes when one of its user's tokens was used.
drop policy if exists own_uses on nova.api_token_uses;
create policy own_uses on nova.api_token_uses to nova_app
  using (user_id = (select current_setting('app.user_id', true)));

grant select, insert, update on nova.api_token_uses to nova_app;
