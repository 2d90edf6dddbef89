-- The keeper writes the register of archives; a user's service sees which of its own streams are in files.
drop policy if exists own_archived on nova.archived_streams;
create policy own_archived on nova.archived_streams for select to nova_app
  using (user_id = (select current_setting('app.user_id', true)));
drop policy if exists keep on nova.archived_streams;
create policy keep on nova.archived_streams to nova_keeper using (true) with check (true);

grant select on nova.archived_streams to nova_app;
grant select on nova.event_archives to nova_app, nova_projector;
grant select, insert, delete on nova.archived_streams, nova.event_archives to nova_keeper;
