-- Up Migration

-- What a call counts: a stored call without a weight counted one.
create function nova.weight_of(p_data jsonb) returns int language sql immutable parallel safe as $$
  select coalesce((p_data->>'weight')::int, 1)
$$;

-- Columns of the tables that are there, whatever generation serves. The new columns have no default: a
-- server of before this migration stops its projection instead of counting nothing, and admission counts
-- what a stopped projection has not.
do $$
declare
  v_table record;
begin
  for v_table in
    select name, format('nova.%I_g%s', name, generation)::regclass as id, status from nova.projections
      where name in ('usage', 'tool_calls', 'plans') and status <> 'retired'
  loop
    case v_table.name
      when 'usage' then
        execute format('alter table %s add column units bigint not null default 0,
          add column units_refunded bigint not null default 0', v_table.id);
        -- An owner that is no superuser sees no user's rows.
        set local role nova_projector;
        execute format('update %s set units = calls, units_refunded = refunds', v_table.id);
        reset role;
        execute format('alter table %s alter column units drop default,
          alter column units_refunded drop default', v_table.id);
      when 'tool_calls' then
        execute format('alter table %s add column weight int not null default 1', v_table.id);
        execute format('alter table %s alter column weight drop default', v_table.id);
        execute format('create index on %s (user_id, month) where status = ''open''', v_table.id);
      else
        execute format($sql$alter table %s add column weights jsonb not null default '{}'$sql$, v_table.id);
        execute format('alter table %s alter column weights drop default', v_table.id);
    end case;
    if v_table.status = 'live' then
      perform nova.publish_projection(v_table.name, v_table.id);
    end if;
  end loop;
end $$;

-- What counts is units; calls are still told.
create or replace view nova.monthly_calls with (security_invoker = true) as
  select user_id, month, sum(units - units_refunded)::bigint as used, sum(calls)::bigint as calls,
    sum(refunds)::bigint as refunds, sum(refusals)::bigint as refusals
  from nova.usage group by user_id, month;

create or replace view nova.most_used_tools with (security_invoker = true) as
  select month, tool, sum(calls)::bigint as calls, count(*) filter (where calls > 0) as users,
    sum(refunds)::bigint as refunds, sum(refusals)::bigint as refusals,
    sum(units - units_refunded)::bigint as used
  from nova.usage group by month, tool;

drop function nova.append_operation(text, text, int, text, text, smallint, jsonb, jsonb);
drop function nova.admit_tool_call(text, text, int, text, jsonb, text, jsonb, jsonb);
drop function nova.plan_of(text, int);

-- The plan as of now, also while the projection has not seen it. Most users have none and no such stream,
-- which costs them one look at a key.
create function nova.plan_of(
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
      select e.data into v_data from nova.events e
        where e.user_id = p_user and e.stream_id = v_stream and e.stream_version > coalesce(v_seen, 0)
          and e.type = 'PlanAssigned'
        order by e.stream_version desc limit 1;
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

-- Admits a tool call or refuses it, and records which, in one statement while the month's other calls wait:
-- of N callers at a limit exactly what is left gets through, whatever the number of servers. The limits and
-- the weight are those of the user's plan, or else the defaults; p_free: it weighs nothing and is let in.
create function nova.admit_tool_call(
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

-- Appends the event that starts an operation, unless p_max of the user's run already: of N starts at once
-- exactly what is left gets through. SQLSTATE NV003: all are taken. Otherwise as nova.append_one.
create function nova.append_operation(
  p_user text,
  p_stream text,
  p_expected int,
  p_max int,
  p_id text,
  p_type text,
  p_schema_version smallint,
  p_data jsonb,
  p_metadata jsonb,
  out version int,
  out last_position bigint,
  out repeated boolean
) language plpgsql as $$
declare
  v_acting_as text := set_config('app.user_id', p_user, true);
  v_running int;
begin
  -- Starts of one user take turns here, before any article's row.
  perform pg_advisory_xact_lock(hashtext('nova operations'), hashtext(p_user));
  -- One snapshot again: the projection, and the tail after its checkpoint.
  select (select count(*) from nova.operations o where o.user_id = p_user and o.status = 'running')
      + count(*) filter (where e.type = 'OperationStarted')
      - count(*) filter (where e.type = 'OperationFinished')
    into v_running
    from nova.events e
    where e.user_id = p_user and e.type in ('OperationStarted', 'OperationFinished')
      and e.global_position > (
        select c.position from nova.projections c where c.name = 'operations' and c.status = 'live');
  if v_running >= p_max then
    raise exception 'all operations are taken' using errcode = 'NV003', detail = p_max::text;
  end if;
  select a.version, a.last_position, a.repeated into version, last_position, repeated
    from nova.append_one(
      p_user, p_stream, p_expected, null, p_id, p_type, p_schema_version, p_data, p_metadata) a;
end $$;

-- Down Migration

drop function nova.append_operation(text, text, int, int, text, text, smallint, jsonb, jsonb);
drop function nova.admit_tool_call(
  text, text, int, int, int, boolean, text, jsonb, text, jsonb, jsonb);
drop function nova.plan_of(text, int, int, int);
-- The admission of migration 0021 and the views of 0022 have to be created again. The columns stay.
drop function nova.weight_of(jsonb);
