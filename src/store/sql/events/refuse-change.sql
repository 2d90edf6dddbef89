-- Events are append-only, with exactly one exception: the keeper may replace the data by the erased data.
create or replace function nova.refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and current_user = 'nova_keeper' then
    if old.erased_at is null and new.erased_at is not null
        and new.data = nova.erased_data(old.type, old.data)
        and to_jsonb(new) - 'data' - 'erased_at' = to_jsonb(old) - 'data' - 'erased_at' then
      return new;
    end if;
  end if;
  raise exception 'events are append-only' using errcode = 'restrict_violation';
end $$;

create or replace trigger events_append_only before update or delete on nova.events
  for each row execute function nova.refuse_change();
