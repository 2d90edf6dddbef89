-- What the first append under a key answered; no row when there was none. A retry must say the same.
create or replace function nova.answered_append(
  p_user text, p_key text, p_body_hash bytea, out version int, out last_position bigint
) language plpgsql as $$
declare
  v_request nova.append_requests;
begin
  select * into v_request from nova.append_requests r
    where r.user_id = p_user and r.idempotency_key = p_key;
  if v_request.body_hash <> p_body_hash then
    raise exception 'idempotency key reused' using errcode = 'NV002';
  end if;
  version := v_request.version;
  last_position := v_request.position;
end $$;
