-- Undoes the move of a version by one, in the transaction that moved it.
create or replace function nova.take_back_version(p_user text, p_stream text) returns void
language plpgsql as $$
declare
  v_hash bytea;
begin
  select e.hash into v_hash from nova.events e
    join nova.streams s using (user_id, stream_id)
    where s.user_id = p_user and s.stream_id = p_stream and e.stream_version = s.version - 1;
  update nova.streams s set version = s.version - 1, last_hash = v_hash
    where s.user_id = p_user and s.stream_id = p_stream and v_hash is not null;
  if not found then
    raise exception 'idempotency key reused' using errcode = 'NV002';
  end if;
end $$;
