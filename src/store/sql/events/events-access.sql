-- Who may do what with events: a user's service adds and reads its own, the projector reads all, the keeper
-- erases and imports. Events are read many at once, so the setting is taken once per statement; those that
-- are written are checked by themselves, which costs each of them less.
drop policy if exists own_events on nova.events;
create policy own_events on nova.events to nova_app
  using (user_id = (select current_setting('app.user_id', true)))
  with check (user_id = current_setting('app.user_id', true));
drop policy if exists all_events on nova.events;
create policy all_events on nova.events for select to nova_projector using (true);
drop policy if exists keep on nova.events;
create policy keep on nova.events to nova_keeper using (true) with check (true);

grant select, insert on nova.events to nova_app;
grant select on nova.events to nova_projector;
grant select, insert, update (data, erased_at) on nova.events to nova_keeper;
grant usage, select on sequence nova.position_seq to nova_app, nova_projector, nova_keeper;
grant update on sequence nova.position_seq to nova_keeper;
