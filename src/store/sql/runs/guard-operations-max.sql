-- Lets an append start one more operation, unless {max} of the user's run already: of N starts at once exactly
-- what is left gets through. Refuses with OPERATIONS_TOO_MANY.
create or replace function nova.guard_operations_max(p_user text, p_args jsonb) returns void
language plpgsql as $$
declare
  v_acting_as text := set_config('app.user_id', p_user, true);
  v_running int;
begin
  -- Starts of one user take turns here, before any article's row.
  perform pg_advisory_xact_lock(hashtext('nova operations'), hashtext(p_user));
  select (select count(*) from nova.operations o where o.user_id = p_user and o.status = 'running')
      + count(*) filter (where e.type = 'OperationStarted')
      - count(*) filter (where e.type = 'OperationFinished')
    into v_running
    from nova.unseen('operations', p_user, null, '-infinity') e;
  if v_running >= (p_args->>'max')::int then
    raise exception 'OPERATIONS_TOO_MANY' using errcode = 'NV100', detail = p_args;
  end if;
end $$;
