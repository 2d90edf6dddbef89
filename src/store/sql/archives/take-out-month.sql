-- Takes events of a closed month out, once they are in a file. p_digest covers their hashes in order: when
-- it is not that of the rows, nothing happens. The month is replaced by a copy without them, or by nothing,
-- so that no event is ever deleted from a table. SQLSTATE NV004: the file is not what is stored.
create or replace function nova.take_out_month(
  p_month date, p_part text, p_before date, p_events bigint, p_digest bytea
) returns void language plpgsql set search_path = pg_catalog, nova as $$
declare
  v_leaf text := 'nova.events_' || to_char(p_month, 'YYYY_MM');
  v_stored record;
begin
  execute format('lock table %s in share row exclusive mode', v_leaf);
  create temporary table leaving on commit drop as
    select * from nova.leaving_streams(p_month, p_part, p_before);
  analyze pg_temp.leaving;
  execute format(
    'select count(*) as events, sha256(string_agg(hash, '''' order by global_position)) as digest,
       min(global_position) as first_position, max(global_position) as last_position
     from %s join pg_temp.leaving using (user_id, stream_id)', v_leaf) into v_stored;
  if v_stored.events <> p_events or v_stored.digest is distinct from p_digest then
    raise exception 'the file is not what is stored' using errcode = 'NV004';
  end if;
  insert into nova.event_archives (month, part, events, first_position, last_position, digest)
    values (p_month, p_part, p_events, v_stored.first_position, v_stored.last_position, p_digest);
  execute format(
    'insert into nova.archived_streams (user_id, stream_id, month, part, through_version, last_hash, bodies)
     select user_id, stream_id, %L, %L, max(stream_version),
       (array_agg(hash order by stream_version desc))[1],
       array(select distinct body from %s e, nova.bodies_named_by(e.data) body
         where e.user_id = m.user_id and e.stream_id = m.stream_id and e.stream_id like ''article-%%'')
     from %s m join pg_temp.leaving using (user_id, stream_id) group by user_id, stream_id',
    p_month, p_part, v_leaf, v_leaf);
  execute format(
    'insert into %s select * from %s m where not exists (
       select from pg_temp.leaving l where l.user_id = m.user_id and l.stream_id = m.stream_id)',
    nova.create_spare_month(p_month), v_leaf);
  perform nova.put_month(p_month);
end $$;

revoke all on function nova.take_out_month(date, text, date, bigint, bytea) from public;
