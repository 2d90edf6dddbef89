-- Rights of a projection's table; a rebuild calls it for each new generation, and an installation of these
-- sources for each that is there. A request that presents an API token has no user yet, so the row of a
-- token is found by the token's id: a session that names one token sees that one row and no other.
create or replace function nova.open_projection_table(p_table regclass) returns void
language plpgsql set search_path = pg_catalog, nova as $$
declare
  v_projection text := (select regexp_replace(relname, '_g\d+$', '') from pg_class where oid = p_table);
begin
  execute format('alter table %s enable row level security, force row level security', p_table);
  execute format('drop policy if exists own_rows on %s', p_table);
  execute format(
    'create policy own_rows on %s for select to nova_app
       using (user_id = (select current_setting(''app.user_id'', true)))', p_table);
  execute format('drop policy if exists fold on %s', p_table);
  execute format('create policy fold on %s to nova_projector using (true)', p_table);
  execute format('grant select on %s to nova_app', p_table);
  execute format('grant select, insert, update, delete on %s to nova_projector', p_table);
  if v_projection = 'api_tokens' then
    execute format('drop policy if exists presented on %s', p_table);
    execute format(
      'create policy presented on %s for select to nova_app
         using (token_id = (select current_setting(''app.token_id'', true)))', p_table);
  end if;
  if nova.is_read(v_projection) then
    execute format('drop policy if exists reading on %s', p_table);
    execute format('create policy reading on %s for select to nova_reader using (nova.may_read(user_id))', p_table);
    execute format('grant select on %s to nova_reader', p_table);
  end if;
  if nova.is_counted(v_projection) then
    perform nova.open_to_analyst(p_table, v_projection);
  end if;
end $$;

revoke all on function nova.open_projection_table(regclass) from public;
