import type pg from 'pg'

/** Users of a month, and how many events each has. */
export interface MonthShape {
  events: number
  users: number
  /** The share of all events that the first user has; the others share the rest. */
  ofFirst: number
}

/**
 * Fills the month that is now with calls of users, all folded, and for each with an article's stream of twenty
 * events. Written by one statement, as the owner: a million events through the
 * store would take minutes. Hashes are empty, so this is nothing to verify.
 */
export async function fillMonth(owner: pg.Pool, month: string, shape: MonthShape): Promise<void> {
  const perUser = Math.max(1, Math.floor((shape.events * (1 - shape.ofFirst)) / shape.users))
  const first = Math.floor(shape.events * shape.ofFirst)
  await owner.query(
    `with users as (
       select n, 'user' || n as user_id, case when n = 0 then $2::int else $3::int end as events
       from generate_series(case when $2 > 0 then 0 else 1 end, $1::int) n
     ), calls as materialized (
       select user_id, 'usage-' || user_id || '-' || $4 as stream_id, v as version, (v + 1) / 2 as call, v % 2 = 1 as begins
       from users, generate_series(1, events) v order by random()
     ), articles as (
       select user_id, 'article-' || gen_random_uuid() as stream_id from users
     ), added as (
       insert into nova.events
       select nextval('nova.position_seq'), user_id, stream_id, version, user_id || '/' || version,
         case when begins then 'ToolCalled' else 'ToolCallSettled' end, 1::smallint,
         jsonb_build_object('call_id', user_id || '-' || call, 'tool', 'list_articles', 'weight', 1, 'article_id', null,
           'outcome', 'completed', 'items_ok', 0, 'items_failed', 0, 'duration_ms', 5, 'cost_usd', null,
           'called_at', now(), 'settled_at', now(), 'code', null),
         '{"actor": "agent"}'::jsonb, now() - interval '5 minutes', ''::bytea, ''::bytea
       from calls
       union all
       select nextval('nova.position_seq'), user_id, stream_id, v, stream_id || '/' || v, 'ArticleUnarchived', 1::smallint,
         '{"unarchived_at": "2026-01-01T00:00:00Z"}'::jsonb, '{"actor": "agent"}'::jsonb, now(), ''::bytea, ''::bytea
       from articles, generate_series(1, 20) v
       returning user_id, stream_id, stream_version
     )
     insert into nova.streams
     select user_id, stream_id, max(stream_version), '' from added group by 1, 2`,
    [shape.users, first, perUser, month],
  )
  await owner.query(
    `insert into nova.usage_g1 (user_id, month, tool, calls, refunds, refusals, units, units_refunded, completed, failures,
       items_ok, items_failed, duration_ms, cost_usd, stream_version)
     select user_id, $1, 'list_articles', count(*) filter (where type = 'ToolCalled'), 0, 0,
       count(*) filter (where type = 'ToolCalled'), 0, count(*), 0, 0, 0, 0, 0, max(stream_version)
     from nova.events where stream_id like 'usage-%' group by user_id`,
    [month],
  )
  await owner.query(
    `insert into nova.articles_g1
     select user_id, gen_random_uuid(), 'An article', '', 0, 'created', '{}', 0, null, null, null, null,
       now() - n * interval '1 second', now(), 20
     from (select user_id, max(stream_version) / 100 as articles from nova.events
       where stream_id like 'usage-%' group by user_id) u, generate_series(0, articles) n`,
  )
  await owner.query(
    `update nova.projections set position = (select last_value from nova.position_seq)`,
  )
  await owner.query('vacuum analyze')
}
