-- The service reads how much its user keeps; the count itself is the trigger's, which acts as the keeper.
drop policy if exists own_storage on nova.user_storage;
create policy own_storage on nova.user_storage for select to nova_app
  using (user_id = (select current_setting('app.user_id', true)));
drop policy if exists keep on nova.user_storage;
create policy keep on nova.user_storage to nova_keeper using (true) with check (true);

grant select on nova.user_storage to nova_app;
grant select, insert, update on nova.user_storage to nova_keeper;
