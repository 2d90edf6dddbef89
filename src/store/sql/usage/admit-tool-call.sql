-- Admits a tool call or refuses it, and records which, in one statement while the month's other calls wait:
-- of N callers at a limit exactly what is left gets through, whatever the number of servers. The limits and
-- the weight are those of the user's plan, or else the defaults; p_free: it weighs nothing and is let in.
create or replace function nova.admit_tool_call(
  p_user text,
  p_month text,
  p_default_month int,
  p_default_minute int,
  p_default_operations int,
  p_free boolean,
  p_called_id text,
  p_called jsonb,
  p_refused_id text,
  p_refused jsonb,
  p_metadata jsonb
) returns table (
  refused text, used bigint, weight int, calls_per_month int, calls_per_minute int,
  concurrent_operations int, weights jsonb, wait_seconds int
) language plpgsql as $$
declare
  v_stream text := 'usage-' || p_user || '-' || p_month;
  v_month_start timestamptz := (p_month || '-01T00:00:00Z')::timestamptz;
  v_now timestamptz;
  v_seen int;
  v_version int;
  v_user_version int;
  v_recent int := 0;
  v_next_at timestamptz;
  v_call record;
begin
  perform set_config('app.user_id', p_user, true);
  -- Held until the commit can be seen. The stream's row would do as well, at the price of two more writes.
  perform pg_advisory_xact_lock(hashtext('nova usage'), hashtext(v_stream));
  v_now := clock_timestamp();

  -- What the projection has counted, and the tail that it has not, if there is one. What is appended
  -- meanwhile only gives back. Bounded on both sides, so that no other month's partition is opened.
  select coalesce(sum(u.units) - sum(u.units_refunded), 0), coalesce(max(u.stream_version), 0),
      (select s.version from nova.streams s where s.user_id = p_user and s.stream_id = v_stream),
      (select s.version from nova.streams s where s.user_id = p_user and s.stream_id = 'user-' || p_user)
    into used, v_seen, v_version, v_user_version
    from nova.usage u where u.user_id = p_user and u.month = p_month;
  if v_version > v_seen then
    select used + coalesce(sum(case e.type
        when 'ToolCalled' then nova.weight_of(e.data)
        when 'ToolCallRefunded' then -nova.weight_of(e.data) end), 0)
      into used
      from nova.events e
      where e.user_id = p_user and e.stream_id = v_stream and e.stream_version > v_seen
        and e.recorded_at >= v_month_start - interval '1 hour'
        and e.recorded_at < v_now + interval '1 hour';
  end if;

  calls_per_month := p_default_month;
  calls_per_minute := p_default_minute;
  concurrent_operations := p_default_operations;
  weights := '{}';
  if v_user_version is not null then
    select p.calls_per_month, p.calls_per_minute, p.concurrent_operations, p.weights
      into calls_per_month, calls_per_minute, concurrent_operations, weights
      from nova.plan_of(p_user, p_default_month, p_default_minute, p_default_operations) p;
  end if;
  weight := case when p_free then 0 else coalesce((weights->>(p_called->>'tool'))::int, 1) end;

  if weight > 0 and calls_per_month > 0 and used + weight > calls_per_month then
    refused := 'month';
  elsif weight > 0 and calls_per_minute > 0 then
    -- Newest first, and no further back than a minute, whatever the month holds.
    for v_call in
      select e.recorded_at, e.type = 'ToolCalled' and nova.weight_of(e.data) > 0 as counts
        from nova.events e
        where e.user_id = p_user and e.stream_id = v_stream
          and e.recorded_at >= v_month_start - interval '1 hour'
          and e.recorded_at < v_now + interval '1 hour'
        order by e.stream_version desc
    loop
      exit when v_call.recorded_at <= v_now - interval '1 minute';
      if v_call.counts then
        v_recent := v_recent + 1;
        if v_recent = calls_per_minute then
          refused := 'minute';
          v_next_at := v_call.recorded_at + interval '1 minute';
          wait_seconds := greatest(1, ceil(extract(epoch from v_next_at - v_now)));
          exit;
        end if;
      end if;
    end loop;
  end if;

  if refused is null then
    perform nova.append_one(
      p_user, v_stream, null, null, p_called_id, 'ToolCalled', 2::smallint,
      p_called || jsonb_build_object('weight', weight), p_metadata);
    used := used + weight;
  else
    perform nova.append_one(
      p_user, v_stream, null, null, p_refused_id, 'ToolCallRefused', 3::smallint,
      p_refused || jsonb_build_object('weight', weight, 'reason', refused) || case refused
        when 'month' then jsonb_build_object('used', used, 'limit', calls_per_month)
        else jsonb_build_object('used', v_recent, 'limit', calls_per_minute,
          'resets_at', to_char(v_next_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        end,
      p_metadata);
  end if;
  return next;
end $$;
