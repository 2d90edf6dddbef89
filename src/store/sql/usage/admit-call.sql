-- Admits a tool call or refuses it, and records which, in one statement while the month's other calls wait:
-- of N callers at a limit exactly what is left gets through, whatever the number of servers. The limits and
-- the weight are those of the user's plan, or else the defaults; p_free: it weighs nothing and is admitted. Both
-- events come whole, as {id, type, schema_version, data}, but for what is decided here: `weight`, and of a refusal
-- `reason`, `used`, `limit` and, where the minute is full, `resets_at`.
create or replace function nova.admit_call(
  p_user text,
  p_month text,
  p_default_month int,
  p_default_minute int,
  p_default_operations int,
  p_free boolean,
  p_called jsonb,
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
  v_user_version int;
  v_version int;
  v_stretch int := 8;
  v_recent int := 0;
  v_next_at timestamptz;
  v_call record;
  v_event jsonb;
begin
  perform set_config('app.user_id', p_user, true);
  -- Held until the commit can be seen. The stream's row would do as well, at the price of two more writes.
  perform pg_advisory_xact_lock(hashtext('nova usage'), hashtext(v_stream));
  v_now := clock_timestamp();

  -- What nova.usage_now says, in sum, and without a look at the tail when there is none. One statement, so that
  -- what is counted and what is unseen are of one moment. What is appended meanwhile only gives back.
  select m.used + case when m.version > m.seen then (
        select coalesce(sum(case e.type
            when 'ToolCalled' then nova.weight_of(e.data)
            when 'ToolCallRefunded' then -nova.weight_of(e.data) end), 0)
          from nova.unseen('usage', p_user, v_stream, v_month_start - interval '1 hour') e)
      else 0 end,
      m.user_version, m.version
    into used, v_user_version, v_version
    from (
      select coalesce(sum(u.units - u.units_refunded), 0) as used, coalesce(max(u.stream_version), 0) as seen,
          (select s.version from nova.streams s where s.user_id = p_user and s.stream_id = v_stream) as version,
          (select s.version from nova.streams s
            where s.user_id = p_user and s.stream_id = 'user-' || p_user) as user_version
        from nova.usage u where u.user_id = p_user and u.month = p_month) m;

  calls_per_month := p_default_month;
  calls_per_minute := p_default_minute;
  concurrent_operations := p_default_operations;
  weights := '{}';
  if v_user_version is not null then
    select p.calls_per_month, p.calls_per_minute, p.concurrent_operations, p.weights
      into calls_per_month, calls_per_minute, concurrent_operations, weights
      from nova.plan_of(p_user, p_default_month, p_default_minute, p_default_operations) p;
  end if;
  weight := case when p_free then 0 else coalesce((weights->>(p_called->'data'->>'tool'))::int, 1) end;

  if weight > 0 and calls_per_month > 0 and used + weight > calls_per_month then
    refused := 'month';
  elsif weight > 0 and calls_per_minute > 0 then
    -- Newest first, and no further back than a minute, by stretches that double: of the whole month in
    -- order a kept plan would sort all.
    <<minute>>
    while v_version > 0 loop
      for v_call in
        select e.recorded_at, e.type = 'ToolCalled' and nova.weight_of(e.data) > 0 as counts
          from nova.events e
          where e.user_id = p_user and e.stream_id = v_stream
            and e.stream_version > v_version - v_stretch and e.stream_version <= v_version
            and e.recorded_at >= v_month_start - interval '1 hour'
            and e.recorded_at < v_now + interval '1 hour'
          order by e.stream_version desc
      loop
        exit minute when v_call.recorded_at <= v_now - interval '1 minute';
        if v_call.counts then
          v_recent := v_recent + 1;
          if v_recent = calls_per_minute then
            refused := 'minute';
            v_next_at := v_call.recorded_at + interval '1 minute';
            wait_seconds := greatest(1, ceil(extract(epoch from v_next_at - v_now)));
            exit minute;
          end if;
        end if;
      end loop;
      v_version := v_version - v_stretch;
      v_stretch := v_stretch * 2;
    end loop;
  end if;

  v_event := case when refused is null then p_called else p_refused end;
  perform nova.append_one(
    p_user, v_stream, null, null, v_event->>'id', v_event->>'type', (v_event->>'schema_version')::smallint,
    (v_event->'data') || jsonb_build_object('weight', weight) || case refused
      when 'month' then jsonb_build_object('reason', refused, 'used', used, 'limit', calls_per_month)
      when 'minute' then jsonb_build_object(
        'reason', refused, 'used', v_recent, 'limit', calls_per_minute,
        'resets_at', to_char(v_next_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      else '{}' end,
    p_metadata);
  if refused is null then
    used := used + weight;
  end if;
  return next;
end $$;
