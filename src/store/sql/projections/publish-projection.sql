-- Points the view of a projection's name at a generation's table. Readers go through the view, so that a
-- rebuild swaps in one commit. Articles get a second view for the analyst, who may not read titles.
create or replace function nova.publish_projection(p_name text, p_table regclass) returns void
language plpgsql set search_path = pg_catalog, nova as $$
begin
  begin
    execute format(
      'create or replace view nova.%I with (security_invoker = true) as select * from %s', p_name, p_table);
  exception when invalid_table_definition then
    -- A migration has changed the columns other than by adding some at the end.
    execute format('drop view nova.%I', p_name);
    execute format(
      'create view nova.%I with (security_invoker = true) as select * from %s', p_name, p_table);
  end;
  execute format('grant select on nova.%I to nova_app, nova_projector', p_name);
  if nova.is_read(p_name) then
    execute format('grant select on nova.%I to nova_reader', p_name);
  end if;
  if p_name = 'articles' then
    execute format(
      'create or replace view nova.article_states with (security_invoker = true) as
         select user_id, article_id, status from %s', p_table);
    grant select on nova.article_states to nova_analyst, nova_projector, nova_app;
  elsif nova.is_counted(p_name) then
    execute format('grant select on nova.%I to nova_analyst', p_name);
  end if;
end $$;

revoke all on function nova.publish_projection(text, regclass) from public;
