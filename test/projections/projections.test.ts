import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { evolveArticle } from '../../src/events/articles/article.ts'
import type { ArticleEvent } from '../../src/events/articles/article-events.ts'
import { initialArticle } from '../../src/events/articles/article-state.ts'
import {
  ApiTokenIssued,
  ApiTokenRevoked,
  tokenStream,
} from '../../src/events/people/token-events.ts'
import { PlanAssigned, userStream } from '../../src/events/people/user-events.ts'
import {
  ToolCalled,
  ToolCallRefunded,
  ToolCallRefused,
  ToolCallSettled,
  usageStream,
} from '../../src/events/usage/usage-events.ts'
import { listArticles } from '../../src/projections/articles/articles.ts'
import { projections } from '../../src/projections/registry.ts'
import { usageOf } from '../../src/projections/usage/usage.ts'
import type { Database } from '../../src/store/database/database.ts'
import { createTenantReader } from '../../src/store/database/tenant.ts'
import { PostgresEventStore } from '../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/events/stream-signal.ts'
import { ProjectionFollower } from '../../src/store/projections/follow-projections.ts'
import {
  drainProjection,
  projectionTable,
  stepProjection,
} from '../../src/store/projections/projection-step.ts'
import { rebuildProjection } from '../../src/store/projections/rebuild-projection.ts'
import { appendTo } from '../support/append-to.ts'
import { articleHistory } from '../support/article-history.ts'
import { freshDatabase } from '../support/database.ts'

const metadata = { actor: 'user' as const }
const at = '2026-05-01T12:00:00.000Z'

async function world() {
  const db = await freshDatabase()
  const { database } = db
  return {
    database,
    store: new PostgresEventStore(database, new StreamSignal()),
    reader: createTenantReader(database.app),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}

async function drainAll(database: Database, batch?: number): Promise<void> {
  for (const projection of projections) {
    const end = await drainProjection(database.projector, projection, batch ? { batch } : {})
    assert.equal(end.kind, 'folded', JSON.stringify(end))
  }
}

async function followOn(follower: ProjectionFollower): Promise<void> {
  const { apart } = await follower.round()
  assert.deepEqual(apart, [])
}

/** All rows of a read model, whoever's they are. */
async function rowsOf(database: Database, name: string): Promise<string[]> {
  const { rows } = await database.projector.query<{ row: string }>(
    `select to_jsonb(t)::text as row from nova.${name} t order by 1`,
  )
  return rows.map(({ row }) => row)
}

async function liveTable(database: Database, name: string): Promise<string> {
  const { rows } = await database.app.query<{ generation: number }>(
    `select generation from nova.projections where name = $1 and status = 'live'`,
    [name],
  )
  return projectionTable(name, rows[0]?.generation ?? 0)
}

const someUsage = (userId: string) => [
  ToolCalled({
    call_id: `${userId}1`,
    tool: 'get_article',
    article_id: null,
    weight: 3,
    called_at: at,
  }),
  ToolCallSettled({
    call_id: `${userId}1`,
    tool: 'get_article',
    outcome: 'completed',
    code: null,
    items_ok: 2,
    items_failed: 1,
    duration_ms: 40,
    cost_usd: 0.25,
    settled_at: at,
  }),
  ToolCalled({
    call_id: `${userId}2`,
    tool: 'get_article',
    article_id: null,
    weight: 3,
    called_at: at,
  }),
  ToolCallRefunded({
    call_id: `${userId}2`,
    tool: 'get_article',
    weight: 3,
    reason: 'r',
    refunded_at: at,
  }),
  ToolCallRefused({
    call_id: `${userId}3`,
    tool: 'list_articles',
    weight: 1,
    reason: 'month',
    used: 1,
    limit: 1,
    resets_at: at,
    refused_at: at,
  }),
]

const tokenId = '0123456789abcdef'
const someToken = [
  ApiTokenIssued({
    token_id: tokenId,
    name: 'nightly',
    scopes: ['nova:read'],
    secret_sha256: 'a'.repeat(64),
    issued_at: at,
    expires_at: null,
  }),
  ApiTokenRevoked({ token_id: tokenId, revoked_at: at }),
]

const somePlan = PlanAssigned({
  calls_per_month: 10,
  calls_per_minute: 0,
  concurrent_operations: 1,
  weights: { get_article: 3 },
  assigned_by: null,
  assigned_at: at,
})

describe('every projection', { concurrency: true }, () => {
  it('has the same rows live, in batches of any size, followed with the others, and rebuilt', async () => {
    await using w = await world()
    const follower = new ProjectionFollower(w.database.projector)
    for (const projection of projections) follower.follow(projection, 0)
    await fc.assert(
      fc.asyncProperty(
        fc.array(articleHistory(randomUUID()), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (histories, batch, isFollowed) => {
          for (const [n, history] of histories.entries()) {
            const articleId = randomUUID()
            const user = `user${n}`
            await appendTo(
              w.store,
              { userId: user, streamId: `article-${articleId}` },
              history.map((event) =>
                event.type === 'ArticleCreated'
                  ? { ...event, data: { ...(event.data as object), article_id: articleId } }
                  : event,
              ),
              { expectedVersion: 0, metadata },
            )
          }
          if (isFollowed) await followOn(follower)
          else await drainAll(w.database, batch)
        },
      ),
      { numRuns: 25 },
    )
    await appendTo(
      w.store,
      { userId: 'user0', streamId: usageStream('user0', '2026-05') },
      someUsage('user0'),
      { expectedVersion: 'any', metadata },
    )
    await appendTo(w.store, { userId: 'user0', streamId: userStream('user0') }, [somePlan], {
      expectedVersion: 0,
      metadata,
    })
    await appendTo(w.store, { userId: 'user0', streamId: tokenStream(tokenId) }, someToken, {
      expectedVersion: 0,
      metadata,
    })
    await followOn(follower)
    for (const projection of projections) {
      const live = await rowsOf(w.database, projection.name)
      assert.ok(live.length > 0, projection.name)
      const { generation } = await rebuildProjection(w.database, projection)
      assert.equal(
        await liveTable(w.database, projection.name),
        projectionTable(projection.name, generation),
      )
      assert.deepEqual(await rowsOf(w.database, projection.name), live, projection.name)
    }
  })

  it('folds an event once, however often and by however many workers it is drained', async () => {
    await using w = await world()
    for (let n = 0; n < 40; n++) {
      await appendTo(
        w.store,
        { userId: 'ada', streamId: usageStream('ada', '2026-05') },
        someUsage('ada'),
        {
          expectedVersion: 'any',
          metadata,
        },
      )
    }
    const usage = projections.find(({ name }) => name === 'usage')
    assert.ok(usage)
    const workers = Array.from({ length: 4 }, async () => {
      for (let round = 0; round < 40; round++) {
        await stepProjection(w.database.projector, usage, { batch: 7, status: 'live' })
      }
    })
    await Promise.all(workers)
    await drainProjection(w.database.projector, usage)
    const rows = await usageOf(w.reader, 'ada', '2026-05')
    assert.deepEqual(
      rows.map(({ tool, calls, refunds, refusals, completed }) => [
        tool,
        calls,
        refunds,
        refusals,
        completed,
      ]),
      [
        ['get_article', 80, 40, 0, 40],
        ['list_articles', 0, 0, 40, 0],
      ],
    )
  })

  it('stops before an event it cannot apply, keeps what came before, and says which', async () => {
    await using w = await world()
    const stream = { userId: 'ada', streamId: usageStream('ada', '2026-05') }
    await appendTo(w.store, stream, someUsage('ada'), { expectedVersion: 'any', metadata })
    const { rows } = await w.database.app.query<{ last_position: number }>(
      `select last_position from nova.append('ada', $1, null, null, '{01X}', '{ToolCallSettled}', '{1}',
         array['{"tool": "get_article", "call_id": "x", "items_ok": "not a number"}'::jsonb], '{}')`,
      [stream.streamId],
    )
    const poison = rows[0]?.last_position
    await appendTo(w.store, stream, someUsage('ada'), { expectedVersion: 'any', metadata })
    const usage = projections.find(({ name }) => name === 'usage')
    assert.ok(usage)
    const end = await drainProjection(w.database.projector, usage)
    assert.equal(end.kind, 'stopped')
    assert.equal(end.kind === 'stopped' && end.position, poison)
    assert.match((await rowsOf(w.database, 'usage'))[0] ?? '', /"get_article", "calls": 2,/)
    assert.equal((await usageOf(w.reader, 'ada', '2026-05'))[0]?.calls, 4, 'the quota counts on')
  })
})

describe('articles', () => {
  it('says of every history the status and round that the events say', async () => {
    await using w = await world()
    await fc.assert(
      fc.asyncProperty(articleHistory(randomUUID()), async (history) => {
        const articleId = randomUUID()
        const events = history.map((event) =>
          event.type === 'ArticleCreated'
            ? { ...event, data: { ...(event.data as object), article_id: articleId } }
            : event,
        ) as ArticleEvent[]
        await appendTo(w.store, { userId: 'ada', streamId: `article-${articleId}` }, events, {
          expectedVersion: 0,
          metadata,
        })
        await drainAll(w.database)
        const state = events.reduce(evolveArticle, initialArticle)
        const listed = await listArticles(w.reader, 'ada', { limit: 100 })
        const row = listed.find(({ article_id }) => article_id === articleId)
        assert.ok(state.status !== 'absent')
        assert.equal(row?.status, state.status)
        assert.equal(row?.rounds, state.rounds)
        assert.equal(row?.stream_version, events.length)
        const sources = [...state.sources.values()]
        assert.equal(row?.sources.scraped, sources.filter((s) => s.state === 'scraped').length)
        assert.equal(row?.sources.failed, sources.filter((s) => s.state === 'failed').length)
        assert.equal(row?.sources.chosen, sources.filter((s) => s.chosen).length)
        assert.equal(row?.sources.kept, sources.filter((s) => s.decision?.keep).length)
        assert.deepEqual(await listArticles(w.reader, 'eve', { limit: 100 }), [])
      }),
      { numRuns: 40 },
    )
  })
})
