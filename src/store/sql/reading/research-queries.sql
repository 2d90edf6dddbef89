-- One row per query of an article's research, with its answer once there is one.
create or replace view nova_research.research_queries with (security_invoker = true) as
select
  nova.row_id(e.stream_id || '/query/' || (q.item->>'query_number')) as id,
  e.user_id,
  substr(e.stream_id, 9)::uuid as article_guideline_id,
  (q.item->>'query_number')::int as query_number,
  (e.data->>'round')::int as round,
  q.item->>'query' as query,
  q.item->>'reason' as reason,
  r.data->>'provider' as provider,
  nova.body_text(e.user_id, r.data->'answer'->>'sha256') as answer,
  (r.data->>'cost_usd')::float8 as cost_usd,
  e.recorded_at as created_at
from nova.events e
cross join jsonb_array_elements(e.data->'queries') as q(item)
left join lateral (
  select x.data from nova.events x
  where x.user_id = e.user_id and x.stream_id = e.stream_id and x.type = 'ResearchResultRecorded'
    and x.data->'query_number' = q.item->'query_number'
  order by x.stream_version desc limit 1) as r on true
where e.type = 'QueriesGenerated' and e.stream_id like 'article-%' and e.erased_at is null;

grant select on nova_research.research_queries to nova_reader;
