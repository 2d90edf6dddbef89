-- Up Migration

-- Roles belong to the whole server, so another database may have made them already. Not one of them owns a
-- table, is a superuser or bypasses row-level security: a forgotten condition in a query can leak nothing.
--   nova_app        the service, on behalf of one user
--   nova_projector  the worker that folds the events of all users
--   nova_keeper     what an operator may do and the service never: erase, import, archive
--   nova_analyst    counts over all users, and reads nothing that they wrote
--   nova_reader     reads the views of nova_research, as the user that it names
do $$
declare
  v_role text;
begin
  foreach v_role in array array['nova_app', 'nova_projector', 'nova_keeper', 'nova_analyst', 'nova_reader'] loop
    begin
      if not exists (select from pg_roles where rolname = v_role) then
        execute format('create role %I nologin nosuperuser nobypassrls', v_role);
      end if;
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise exception 'the owner may not create the role %; as a superuser, run: alter role % createrole',
          v_role, quote_ident(current_user) using errcode = 'insufficient_privilege';
    end;
    -- The owner acts as each of them. Whoever made a role may grant it; an owner of another database of the
    -- server may not, and needs the grant from a superuser once.
    begin
      execute format('grant %I to current_user', v_role);
    exception when insufficient_privilege then null;
    end;
    begin
      execute format('set local role %I', v_role);
      reset role;
    exception when insufficient_privilege then
      raise exception 'the owner may not act as %; as a superuser, run: '
        'grant nova_app, nova_projector, nova_keeper, nova_analyst, nova_reader to %', v_role, quote_ident(current_user)
        using errcode = 'insufficient_privilege';
    end;
  end loop;
end $$;

create schema nova;
-- Views for people with psql, under names of their own.
create schema nova_research;
grant usage on schema nova to nova_app, nova_projector, nova_keeper, nova_analyst;

-- Down Migration

-- The roles stay: other databases of the server may use them.
drop schema nova_research cascade;
drop schema nova cascade;
