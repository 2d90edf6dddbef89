-- A user's service stores and reads the bodies of its user; only the keeper removes one.
drop policy if exists own_contents on nova.contents;
create policy own_contents on nova.contents to nova_app
  using (user_id = (select current_setting('app.user_id', true)));
drop policy if exists keep on nova.contents;
create policy keep on nova.contents to nova_keeper using (true) with check (true);

grant select, insert, update (put_at) on nova.contents to nova_app;
grant select, insert, delete on nova.contents to nova_keeper;
