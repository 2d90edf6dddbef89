-- Projections that the views of nova_research are made of.
create or replace function nova.is_read(p_projection text) returns boolean language sql immutable as $$
  select p_projection in ('articles', 'article_sources', 'tool_calls')
$$;
