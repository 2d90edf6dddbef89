-- Up Migration

-- What a user may do, when it is not what everybody may. 0 is unlimited.
create table nova.plans_g1 (
  user_id text not null,
  calls_per_month int not null,
  calls_per_minute int not null,
  concurrent_operations int not null,
  assigned_at timestamptz not null,
  stream_version int not null,
  primary key (user_id)
);
select nova.open_projection_table('nova.plans_g1'),
  nova.publish_projection('plans', 'nova.plans_g1');
insert into nova.projections (name, generation, status) values ('plans', 1, 'live');

-- The plan as of now, also while the projection has not seen it. Most users have none and no such stream,
-- which costs them one look at a key.
create function nova.plan_of(
  p_user text, p_default_limit int,
  out calls_per_month int, out calls_per_minute int, out concurrent_operations int, out assigned boolean
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
    select p.calls_per_month, p.calls_per_minute, p.concurrent_operations, p.stream_version
      into calls_per_month, calls_per_minute, concurrent_operations, v_seen
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
      end if;
    end if;
  end if;
  assigned := calls_per_month is not null;
  calls_per_month := coalesce(calls_per_month, p_default_limit);
  calls_per_minute := coalesce(calls_per_minute, 0);
  concurrent_operations := coalesce(concurrent_operations, 0);
end $$;

-- Admits a tool call or refuses it, and records which, in one statement under the lock of the month's
-- stream: of N callers at a limit exactly what is left gets through, whatever the number of servers. The
-- limits are those of the user's plan; p_limit is the month's for users without one.
drop function nova.admit_tool_call(text, text, int, text, jsonb, text, jsonb, jsonb);
create function nova.admit_tool_call(
  p_user text,
  p_month text,
  p_limit int,
  p_called_id text,
  p_called jsonb,
  p_refused_id text,
  p_refused jsonb,
  p_metadata jsonb
) returns table (
  refused text, used bigint, calls_per_month int, calls_per_minute int, concurrent_operations int,
  wait_seconds int
) language plpgsql as $$
declare
  v_stream text := 'usage-' || p_user || '-' || p_month;
  v_month_start timestamptz := (p_month || '-01T00:00:00Z')::timestamptz;
  v_plan record;
  v_used bigint;
  v_refused text;
  v_recent int := 0;
  v_next_at timestamptz;
  v_call record;
begin
  perform set_config('app.user_id', p_user, true);
  insert into nova.streams values (p_user, v_stream, 0, null) on conflict do nothing;
  perform 1 from nova.streams s where s.user_id = p_user and s.stream_id = v_stream for update;
  select * into v_plan from nova.plan_of(p_user, p_limit);

  -- One statement, one snapshot: what the projection has counted and the tail that it has not.
  select seen.counted + (
      select count(*) filter (where e.type = 'ToolCalled')
           - count(*) filter (where e.type = 'ToolCallRefunded')
      from nova.events e
      where e.user_id = p_user and e.stream_id = v_stream and e.stream_version > seen.stream_version
        and e.recorded_at >= v_month_start - interval '1 hour')
    into v_used
    from (
      select coalesce(sum(u.calls) - sum(u.refunds), 0)::bigint as counted,
             coalesce(max(u.stream_version), 0) as stream_version
      from nova.usage u where u.user_id = p_user and u.month = p_month
    ) as seen;

  if v_plan.calls_per_month > 0 and v_used >= v_plan.calls_per_month then
    v_refused := 'month';
  elsif v_plan.calls_per_minute > 0 then
    -- Newest first, and no further back than a minute, whatever the month holds.
    for v_call in
      select e.type, e.recorded_at from nova.events e
        where e.user_id = p_user and e.stream_id = v_stream
          and e.recorded_at >= v_month_start - interval '1 hour'
        order by e.stream_version desc
    loop
      exit when v_call.recorded_at <= clock_timestamp() - interval '1 minute';
      if v_call.type = 'ToolCalled' then
        v_recent := v_recent + 1;
        if v_recent = v_plan.calls_per_minute then
          v_refused := 'minute';
          v_next_at := v_call.recorded_at + interval '1 minute';
          exit;
        end if;
      end if;
    end loop;
  end if;

  if v_refused is null then
    perform nova.append_one(
      p_user, v_stream, null, null, p_called_id, 'ToolCalled', 1::smallint, p_called, p_metadata);
    v_used := v_used + 1;
  else
    perform nova.append_one(
      p_user, v_stream, null, null, p_refused_id, 'ToolCallRefused', 2::smallint,
      p_refused || case v_refused
        when 'month' then jsonb_build_object(
          'reason', 'month', 'used', v_used, 'limit', v_plan.calls_per_month)
        else jsonb_build_object(
          'reason', 'minute', 'used', v_recent, 'limit', v_plan.calls_per_minute,
          'resets_at', to_char(v_next_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        end,
      p_metadata);
  end if;
  return query select v_refused, v_used, v_plan.calls_per_month, v_plan.calls_per_minute,
    v_plan.concurrent_operations,
    case when v_next_at is not null
      then greatest(1, ceil(extract(epoch from v_next_at - clock_timestamp())))::int end;
end $$;

create index on nova.operations_g1 (user_id) where status = 'running';

-- Appends the event that starts an operation, unless as many run as the user's plan allows: of N starts at
-- once exactly what is left gets through. SQLSTATE NV003: all are taken. Otherwise as nova.append_one.
create function nova.append_operation(
  p_user text,
  p_stream text,
  p_expected int,
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
  v_max int := (select p.concurrent_operations from nova.plan_of(p_user, 0) p);
  v_running int;
begin
  if v_max > 0 then
    -- Whoever has a plan has this row. Starts of one user take turns here, before any article's row.
    perform 1 from nova.streams s where s.user_id = p_user and s.stream_id = 'user-' || p_user for update;
    -- One snapshot again: the projection, and the tail after its checkpoint.
    select (select count(*) from nova.operations o where o.user_id = p_user and o.status = 'running')
        + count(*) filter (where e.type = 'OperationStarted')
        - count(*) filter (where e.type = 'OperationFinished')
      into v_running
      from nova.events e
      where e.user_id = p_user and e.type in ('OperationStarted', 'OperationFinished')
        and e.global_position > (
          select c.position from nova.projections c where c.name = 'operations' and c.status = 'live');
    if v_running >= v_max then
      raise exception 'all operations are taken' using errcode = 'NV003', detail = v_max::text;
    end if;
  end if;
  select a.version, a.last_position, a.repeated into version, last_position, repeated
    from nova.append_one(
      p_user, p_stream, p_expected, null, p_id, p_type, p_schema_version, p_data, p_metadata) a;
end $$;

-- Down Migration

drop function nova.append_operation(text, text, int, text, text, smallint, jsonb, jsonb);
drop index nova.operations_g1_user_id_idx;
drop function nova.admit_tool_call(text, text, int, text, jsonb, text, jsonb, jsonb);
drop function nova.plan_of(text, int);
delete from nova.projections where name = 'plans';
drop view nova.plans;
drop table nova.plans_g1;
-- The admission of migration 0003 has to be created again.
