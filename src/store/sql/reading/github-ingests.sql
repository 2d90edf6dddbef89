-- Repositories and files on GitHub that a guideline names, as one Markdown text each.
create or replace view nova_research.github_ingests with (security_invoker = true) as
select
  nova.row_id('article-' || s.article_id || '/source/' || s.source) as id,
  s.user_id,
  s.article_id as article_guideline_id,
  s.url as github_url,
  nova.body_text(s.user_id, s.markdown_sha256) as gitingest_result,
  s.retrieved_at as created_at
from nova.article_sources s
where s.origin = 'guideline' and s.kind = 'github' and s.state = 'scraped';

grant select on nova_research.github_ingests to nova_reader;
