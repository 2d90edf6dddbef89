-- Appends of one event each, and what joins them, of any users and streams, in one statement and one commit; their
-- answers in the order asked. What names a function is done by nova.join_<name>, and what names a guard is asked
-- before it is appended; see nova.append_one. What cannot be done is answered with null and leaves the others alone:
-- sent again by itself, it is refused with its reason. Each acts as its own user, and only for as long as it takes.
create or replace function nova.append_each(p_appends jsonb) returns setof text language plpgsql as $$
declare
  -- A stream that only one of the group needs is not waited for long.
  v_lock_timeout text := set_config('lock_timeout', '100ms', true);
  v_append record;
  v_answer text;
begin
  for v_append in
    select * from jsonb_to_recordset(p_appends) as (
      user_id text, stream_id text, expected int, key text, id text, type text, schema_version smallint,
      data jsonb, metadata jsonb, guard text, args jsonb, joins text)
  loop
    begin
      if v_append.joins is not null then
        execute format('select nova.%I($1, $2, $3)', 'join_' || v_append.joins)
          into v_answer using v_append.user_id, v_append.args, v_append.metadata;
        return next v_answer;
        continue;
      end if;
      if v_append.guard is not null then
        execute format('select nova.%I($1, $2)', 'guard_' || v_append.guard)
          using v_append.user_id, v_append.args;
      end if;
      return next nova.append_one(
        v_append.user_id, v_append.stream_id, v_append.expected, v_append.key, v_append.id, v_append.type,
        v_append.schema_version, v_append.data, v_append.metadata)::text;
    exception when others then
      return next null;
    end;
  end loop;
end $$;
