-- Videos that a guideline names, as their captions.
create or replace view nova_research.youtube_transcripts with (security_invoker = true) as
select
  nova.row_id('article-' || s.article_id || '/source/' || s.source) as id,
  s.user_id,
  s.article_id as article_guideline_id,
  s.url as youtube_url,
  nova.body_text(s.user_id, s.markdown_sha256) as transcription,
  s.retrieved_at as created_at
from nova.article_sources s
where s.origin = 'guideline' and s.kind = 'youtube' and s.state = 'scraped';

grant select on nova_research.youtube_transcripts to nova_reader;
