-- A stream's row is taken by itself, so it is checked by itself: that costs less than once per statement.
drop policy if exists own_streams on nova.streams;
create policy own_streams on nova.streams to nova_app
  using (user_id = current_setting('app.user_id', true));
drop policy if exists keep on nova.streams;
create policy keep on nova.streams to nova_keeper using (true) with check (true);

grant select, insert, update on nova.streams to nova_app, nova_keeper;
