-- The streams whose events of a month leave with it. `usage`: those that end with their month. `all`: also
-- articles and links of which nothing happened since p_before and nothing is running, so that nobody misses
-- them; a stream that stayed in an earlier month stays whole. Who may do what is never archived.
create or replace function nova.leaving_streams(p_month date, p_part text, p_before date)
returns table (user_id text, stream_id text) language sql stable as $$
  select e.user_id, e.stream_id from nova.events e
  where e.recorded_at >= p_month::timestamp at time zone 'UTC'
    and e.recorded_at < (p_month + interval '1 month') at time zone 'UTC'
    and case p_part when 'usage' then e.stream_id like 'usage-%'
      else e.stream_id not like 'user-%' and e.stream_id not like 'token-%' end
  group by e.user_id, e.stream_id
  having p_part = 'usage' or not exists (
      select from nova.events x
      where x.user_id = e.user_id and x.stream_id = e.stream_id
        and (x.recorded_at < p_month::timestamp at time zone 'UTC'
          or x.recorded_at >= p_before::timestamp at time zone 'UTC'))
    and not exists (
      select from nova.operations o
      where o.user_id = e.user_id and 'article-' || o.article_id = e.stream_id and o.status = 'running')
$$;
