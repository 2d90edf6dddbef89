-- Files that came with a guideline, as Markdown.
create or replace view nova_research.local_files with (security_invoker = true) as
select
  nova.row_id('article-' || s.article_id || '/source/' || s.source) as id,
  s.user_id,
  s.article_id as article_guideline_id,
  s.name as filename,
  nova.body_text(s.user_id, s.markdown_sha256) as content,
  s.retrieved_at as created_at
from nova.article_sources s
where s.origin = 'file';

grant select on nova_research.local_files to nova_reader;
