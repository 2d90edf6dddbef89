-- An admission in the company of appends: as nova.admit_call, whose answer it gives as JSON.
create or replace function nova.join_admission(p_user text, p_args jsonb, p_metadata jsonb) returns text
language plpgsql as $$
begin
  return (select row_to_json(a)::text from nova.admit_call(
    p_user, p_args->>'month', (p_args->>'calls_per_month')::int, (p_args->>'calls_per_minute')::int,
    (p_args->>'concurrent_operations')::int, (p_args->>'free')::boolean, p_args->'called', p_args->'refused',
    p_metadata) a);
end $$;
