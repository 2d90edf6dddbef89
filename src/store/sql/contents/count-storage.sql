-- Keeps nova.user_storage equal to the bytes in nova.contents, in the statement that changes them.
create or replace function nova.count_storage() returns trigger
language plpgsql security definer set search_path = pg_catalog, nova as $$
begin
  insert into nova.user_storage as s
    select user_id, sum(case tg_op when 'INSERT' then size else -size end) from changed
      group by user_id order by user_id
    on conflict (user_id) do update set bytes = s.bytes + excluded.bytes;
  return null;
end $$;

alter function nova.count_storage() owner to nova_keeper;
revoke all on function nova.count_storage() from public;

create or replace trigger contents_added after insert on nova.contents
  referencing new table as changed for each statement execute function nova.count_storage();
create or replace trigger contents_removed after delete on nova.contents
  referencing old table as changed for each statement execute function nova.count_storage();
