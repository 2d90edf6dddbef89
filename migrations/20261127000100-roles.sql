-- Up Migration

-- Roles belong to the whole server, so another database may have made them already. Not one of them owns a
-- table, is a superuser or bypasses row-level security: a forgotten condition in a query can leak nothing.
--   nova_app        the service, on behalf of one user
--   nova_projector  the worker that folds the events of all users
--   nova_keeper     what an operator may do and the service never: erase, import, archive
--   nova_analyst    counts over all users, and reads nothing that they wrote
do $$
declare
  v_role text;
begin
  foreach v_role in array array['nova_app', 'nova_projector', 'nova_keeper', 'nova_analyst'] loop
    begin
      execute format('create role %I nologin nosuperuser nobypassrls', v_role);
    exception when duplicate_object or unique_violation then null;
    end;
    if not pg_has_role(current_user, v_role, 'member') then
      execute format('grant %I to current_user', v_role);
    end if;
  end loop;
end $$;

create schema nova;
grant usage on schema nova to nova_app, nova_projector, nova_keeper, nova_analyst;

-- Down Migration

-- The roles stay: other databases of the server may use them.
drop schema nova cascade;
