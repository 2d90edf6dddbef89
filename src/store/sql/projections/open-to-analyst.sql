-- What the analyst may read of a generation: of articles the state, never a title.
create or replace function nova.open_to_analyst(p_table regclass, p_projection text) returns void
language plpgsql set search_path = pg_catalog, nova as $$
begin
  execute format('drop policy if exists counting on %s', p_table);
  execute format('create policy counting on %s for select to nova_analyst using (true)', p_table);
  execute format('grant select %s on %s to nova_analyst',
    case p_projection when 'articles' then '(user_id, article_id, status)' else '' end, p_table);
end $$;

revoke all on function nova.open_to_analyst(regclass, text) from public;
