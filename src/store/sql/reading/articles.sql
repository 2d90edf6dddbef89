-- One row per article with everything that came of it, bodies as text. extracted_urls is null until the
-- guideline's links were extracted, the other results until there are some.
create or replace view nova_research.articles with (security_invoker = true) as
select
  a.article_id as id,
  a.user_id,
  a.title,
  nova.body_text(a.user_id, a.guideline_sha256) as guideline_text,
  a.status,
  (select jsonb_build_object(
      'github_urls', coalesce(jsonb_agg(s.url order by s.source) filter (where s.kind = 'github'), '[]'),
      'youtube_videos_urls', coalesce(jsonb_agg(s.url order by s.source) filter (where s.kind = 'youtube'), '[]'),
      'other_urls', coalesce(jsonb_agg(s.url order by s.source) filter (where s.kind = 'web'), '[]'),
      'local_files', to_jsonb(a.expected_files))
    from nova.article_sources s
    where s.user_id = a.user_id and s.article_id = a.article_id and s.origin = 'guideline'
      and a.status <> 'created') as extracted_urls,
  (select string_agg(format(e'## Query %s: %s\n\n%s', r.query_number, r.query, r.answer), e'\n\n' order by r.query_number)
    from nova_research.research_queries r
    where r.user_id = a.user_id and r.article_guideline_id = a.article_id and r.answer is not null)
    as perplexity_results,
  (select string_agg(format(e'- [%s](%s)%s', s.title, s.url, e'\n  ' || s.snippet), e'\n' order by s.source)
    from nova.article_sources s
    where s.user_id = a.user_id and s.article_id = a.article_id and s.origin = 'research'
      and s.decision = 'kept') as perplexity_results_selected,
  (select string_agg(s.url, e'\n' order by s.source) from nova.article_sources s
    where s.user_id = a.user_id and s.article_id = a.article_id and s.chosen) as urls_to_scrape_from_research,
  nova.body_text(a.user_id, a.research_sha256) as research,
  a.created_at,
  a.updated_at
from nova.articles a;

grant select on nova_research.articles to nova_reader;
