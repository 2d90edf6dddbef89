-- One row per source of an article: whether it was read, or why not; whether it was kept and chosen, and why.
create or replace view nova_research.sources with (security_invoker = true) as
select
  nova.row_id('article-' || s.article_id || '/source/' || s.source) as id,
  s.user_id,
  s.article_id as article_guideline_id,
  s.source,
  s.kind,
  s.origin,
  coalesce(s.url, s.name) as url,
  s.final_url,
  s.title,
  s.snippet,
  s.published_at,
  s.query_number,
  s.state,
  s.reason,
  s.detail,
  s.retryable,
  s.decision,
  s.decision_reason,
  s.chosen,
  s.chosen_reason,
  s.markdown_size as bytes,
  s.markdown_sha256,
  s.snapshot_sha256,
  s.retrieved_at as created_at
from nova.article_sources s;

grant select on nova_research.sources to nova_reader;
