-- Records that the article is erased and erases it, both or neither: a reader who sees the event sees no more
-- of the article. Bodies that another article names stay; one handed in during the last minutes may be on
-- its way to another article's event, and is left to nova.sweep_contents.
create or replace function nova.erase_article(
  p_user text, p_article uuid, p_expected int, p_id text, p_schema_version smallint, p_data jsonb,
  p_metadata jsonb
) returns table (version int, last_position bigint, events bigint, contents bigint)
language plpgsql security definer set search_path = pg_catalog, nova as $$
declare
  v_stream text := 'article-' || p_article;
  v_bodies text[];
begin
  if p_user is distinct from current_setting('app.user_id', true) then
    raise exception 'acting as another user' using errcode = 'insufficient_privilege';
  end if;
  select a.version, a.last_position into version, last_position from nova.append(
    p_user, v_stream, p_expected, null, array[p_id], array['ArticleErased'], array[p_schema_version],
    array[p_data], p_metadata) a;
  v_bodies := array(
    select distinct body from nova.events e, nova.bodies_named_by(e.data) body
    where e.user_id = p_user and e.stream_id = v_stream);
  update nova.events e set data = nova.erased_data(e.type, e.data), erased_at = now()
    where e.user_id = p_user and e.stream_id = v_stream and e.type <> 'ArticleErased';
  get diagnostics events = row_count;
  delete from nova.contents c
    where c.user_id = p_user and c.sha256 = any (v_bodies) and c.put_at < now() - interval '10 minutes'
      and not nova.is_named(p_user, c.sha256);
  get diagnostics contents = row_count;
  return next;
end $$;

alter function nova.erase_article(text, uuid, int, text, smallint, jsonb, jsonb) owner to nova_keeper;
revoke all on function nova.erase_article(text, uuid, int, text, smallint, jsonb, jsonb) from public;
grant execute on function nova.erase_article(text, uuid, int, text, smallint, jsonb, jsonb) to nova_app;
