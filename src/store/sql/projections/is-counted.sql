-- Projections that the analyst may count over all users.
create or replace function nova.is_counted(p_projection text) returns boolean language sql immutable as $$
  select p_projection in ('usage', 'tool_calls', 'plans', 'provider_usage', 'articles')
$$;
