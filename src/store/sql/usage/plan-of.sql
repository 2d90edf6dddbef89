-- The plan as of now, also while the projection has not seen it. Most users have none and no such stream,
-- which costs them one look at a key.
create or replace function nova.plan_of(
  p_user text, p_default_month int, p_default_minute int, p_default_operations int,
  out calls_per_month int, out calls_per_minute int, out concurrent_operations int, out weights jsonb,
  out assigned boolean
) language plpgsql stable as $$
declare
  v_stream text := 'user-' || p_user;
  v_version int;
  v_seen int;
  v_data jsonb;
begin
  select s.version into v_version from nova.streams s
    where s.user_id = p_user and s.stream_id = v_stream;
  if v_version is not null then
    select p.calls_per_month, p.calls_per_minute, p.concurrent_operations, p.weights, p.stream_version
      into calls_per_month, calls_per_minute, concurrent_operations, weights, v_seen
      from nova.plans p where p.user_id = p_user;
    if v_seen is distinct from v_version then
      select e.data into v_data from nova.unseen('plans', p_user, v_stream, '-infinity') e
        where e.type = 'PlanAssigned' order by e.stream_version desc limit 1;
      if v_data is not null then
        calls_per_month := v_data->'calls_per_month';
        calls_per_minute := v_data->'calls_per_minute';
        concurrent_operations := v_data->'concurrent_operations';
        weights := v_data->'weights';
      end if;
    end if;
  end if;
  assigned := calls_per_month is not null;
  calls_per_month := coalesce(calls_per_month, p_default_month);
  calls_per_minute := coalesce(calls_per_minute, p_default_minute);
  concurrent_operations := coalesce(concurrent_operations, p_default_operations);
  weights := coalesce(weights, '{}');
end $$;
