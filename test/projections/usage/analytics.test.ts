import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { archiveArticle } from '../../../src/commands/articles/archive-article.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { assignPlan } from '../../../src/commands/usage/assign-plan.ts'
import { articleStream } from '../../../src/events/articles/article-events.ts'
import type { NewEvent, StoredEvent } from '../../../src/events/define-event.ts'
import * as usage from '../../../src/events/usage/usage-events.ts'
import { projections } from '../../../src/projections/registry.ts'
import { type Analytics, readAnalytics } from '../../../src/projections/usage/analytics.ts'
import { usageOf } from '../../../src/projections/usage/usage.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { rebuildProjection } from '../../../src/store/projections/rebuild-projection.ts'
import { appendTo } from '../../support/append-to.ts'
import * as facts from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { limits } from '../../support/limits.ts'

const at = '2026-05-01T12:00:00.000Z'
const users = ['ada', 'bob', 'eve'] as const
/** A limit of which 80 % is a whole number. */
const defaultLimit = 5

const aCall = fc.record({
  user: fc.constantFrom(...users),
  month: fc.constantFrom('2026-04', '2026-05'),
  tool: fc.constantFrom('get_article', 'list_articles', 'scrape_research_urls'),
  end: fc.constantFrom('open', 'completed', 'failed', 'refused', 'refunded', 'quota'),
  /** None: an event of before there were weights. */
  weight: fc.constantFrom(null, 0, 1, 3),
  durationMs: fc.integer({ min: 0, max: 5000 }),
  failed: fc.integer({ min: 0, max: 3 }),
})
type Call = typeof aCall extends fc.Arbitrary<infer T> ? T : never

/** Events as they were stored before there were weights. */
const ofVersion1 = (event: NewEvent): NewEvent => {
  const { weight: _weight, ...data } = event.data as { weight?: number }
  return { ...event, data, schemaVersion: 1 }
}

function eventsOf(call: Call): NewEvent[] {
  const events = weighedEventsOf(call)
  return call.weight === null ? events.map(ofVersion1) : events
}

function weighedEventsOf({ tool, end, durationMs, failed, weight: given }: Call) {
  const weight = given ?? 1
  const call = { call_id: randomUUID(), tool }
  if (end === 'quota') {
    const over = { reason: 'month', used: 1, limit: 1, resets_at: at, refused_at: at } as const
    return [usage.ToolCallRefused({ ...call, weight, ...over })]
  }
  const called = usage.ToolCalled({ ...call, article_id: null, weight, called_at: at })
  if (end === 'open') return [called]
  const settled = usage.ToolCallSettled({
    ...call,
    outcome: end === 'refunded' ? 'failed' : end,
    code: null,
    items_ok: 1,
    items_failed: failed,
    duration_ms: durationMs,
    cost_usd: null,
    settled_at: at,
  })
  const refunded = usage.ToolCallRefunded({ ...call, weight, reason: 'nothing', refunded_at: at })
  return end === 'refunded' ? [called, settled, refunded] : [called, settled]
}

type Row = Record<string, string | number>
const data = (event: StoredEvent) => event.data as Row

/** What the views should say, counted one event after the other. */
function naive(events: readonly StoredEvent[], month: string, plans: Map<string, number>) {
  const inMonth = events.filter(({ streamId }) => streamId.endsWith(`-${month}`))
  const ofType = (type: string, where: (event: StoredEvent) => boolean = () => true) =>
    inMonth.filter((event) => event.type === type && where(event))
  const by = (user: string) => (event: StoredEvent) => event.userId === user
  const of = (tool: string) => (event: StoredEvent) => data(event).tool === tool
  const units = (type: string, where?: (event: StoredEvent) => boolean) =>
    ofType(type, where).reduce((sum, event) => sum + Number(data(event).weight), 0)
  const used = (where?: (event: StoredEvent) => boolean) =>
    units('ToolCalled', where) - units('ToolCallRefunded', where)
  const perUser = users
    .filter((user) => inMonth.some(by(user)))
    .map((user) => ({
      user_id: user,
      used: used(by(user)),
      calls: ofType('ToolCalled', by(user)).length,
      refunds: ofType('ToolCallRefunded', by(user)).length,
      refusals: ofType('ToolCallRefused', by(user)).length,
    }))
  const tools = [...new Set(inMonth.map((event) => String(data(event).tool)))].map((tool) => {
    const settled = ofType('ToolCallSettled', of(tool))
    const times = settled.map((event) => Number(data(event).duration_ms)).sort((a, b) => a - b)
    const percentile = (share: number) => times[Math.ceil(share * times.length) - 1] ?? null
    const calls = ofType('ToolCalled', of(tool))
    return {
      tool,
      calls: calls.length,
      used: used(of(tool)),
      users: new Set(calls.map(({ userId }) => userId)).size,
      failed: settled.filter((event) => data(event).outcome === 'failed').length,
      items_failed: settled.reduce((sum, event) => sum + Number(data(event).items_failed), 0),
      p50_ms: percentile(0.5),
      p95_ms: percentile(0.95),
    }
  })
  const near_limit = perUser
    .map(({ user_id, used: calls }) => {
      const limit = plans.get(user_id) ?? defaultLimit
      return { user_id, used: calls, calls_per_month: limit, share: calls / limit }
    })
    .filter(({ calls_per_month, share }) => calls_per_month > 0 && share >= 0.8)
  return { users: perUser, tools, near_limit }
}

const sorted = <T extends object>(rows: readonly T[]): string[] =>
  rows.map((row) => JSON.stringify(Object.entries(row).toSorted())).toSorted()

const views = [
  'monthly_calls',
  'most_used_tools',
  'completion_by_status',
  'users_near_limit',
  'tool_health',
  'provider_costs',
]

describe('the analytic views', () => {
  it('say what counting the events one after the other says', async () => {
    await using w = await commandWorld()
    const reader = w.deps.analytics
    const plans = new Map([
      ['ada', 4],
      ['eve', 0],
    ])
    for (const [user, callsPerMonth] of plans) {
      await assignPlan(w.deps, caller(user), { ...limits({ callsPerMonth }), assignedBy: null })
    }
    const ownUsage = () =>
      Promise.all(
        users.map(async (user) => {
          const rows = await usageOf(w.reader, user, '2026-05')
          return rows.map((row) => [row.tool, row.calls, row.refunds, row.refusals, row.used])
        }),
      )
    await fc.assert(
      fc.asyncProperty(fc.array(aCall, { minLength: 1, maxLength: 12 }), async (calls) => {
        for (const call of calls) {
          const streamId = usage.usageStream(call.user, call.month)
          const options = { expectedVersion: 'any', metadata: { actor: 'agent' } } as const
          await appendTo(w.deps.store, { userId: call.user, streamId }, eventsOf(call), options)
        }
        const unfolded = await ownUsage()
        for (const projection of projections) {
          await drainProjection(w.database.projector, projection)
        }
        const { events } = await w.deps.store.readAll(0, 100_000)
        assert.deepEqual(await ownUsage(), unfolded, 'what is not folded yet counts as well')
        for (const month of ['2026-04', '2026-05', '2026-06']) {
          const shown = await readAnalytics(reader, month, defaultLimit)
          const counted = naive(events, month, plans)
          for (const part of ['users', 'tools', 'near_limit'] as const) {
            assert.deepEqual(sorted<object>(shown[part]), sorted<object>(counted[part]), part)
          }
          const known = shown.months.find((row) => row.month === month)
          const total = counted.users.reduce((sum, row) => sum + row.used, 0)
          assert.equal(known?.used ?? 0, total)
        }
      }),
      { numRuns: 15 },
    )
  })

  it('count articles by status, and what providers answered, read and cost', async () => {
    await using w = await commandWorld()
    const reader = w.deps.analytics
    for (const user of users) {
      const guideline = Buffer.from('# A title nobody else reads')
      const { articleId } = await createArticle(w.deps, caller(user), { guideline })
      if (user === 'eve') await archiveArticle(w.deps, caller(user), { articleId, archived: true })
      else {
        const answer = facts.found(1, 8, 9)
        const stream = { userId: user, streamId: articleStream(articleId) }
        const paid = { ...answer, data: { ...answer.data, provider: 'paid', cost_usd: 0.25 } }
        const events = [facts.asked(1, 1), paid]
        await appendTo(w.deps.store, stream, events, {
          expectedVersion: 'any',
          metadata: { actor: 'agent' },
        })
      }
    }
    const month = usage.usageMonth(new Date())
    const used = { service: 'maker:model', requests: 1, input_tokens: 1200, output_tokens: 80 }
    await appendTo(
      w.deps.store,
      { userId: 'ada', streamId: usage.usageStream('ada', month) },
      [
        usage.ServicesUsed({
          call_id: randomUUID(),
          article_id: null,
          services: [{ ...used, cost_usd: 0.125 }],
          used_at: at,
        }),
      ],
      { expectedVersion: 'any', metadata: { actor: 'job' } },
    )
    for (const projection of projections) {
      await drainProjection(w.database.projector, projection)
    }
    const shown: Analytics = await readAnalytics(reader, month, 0)
    const noTokens = { input_tokens: 0, output_tokens: 0 }
    const tokens = { input_tokens: 1200, output_tokens: 80 }
    assert.deepEqual(shown.providers, [
      { provider: 'paid', answers: 2, pages: 4, cost_usd: 0.5, ...noTokens },
      { provider: 'maker:model', answers: 1, pages: 0, cost_usd: 0.125, ...tokens },
    ])
    const total = shown.articles.reduce((sum, row) => sum + row.articles, 0)
    const shares = shown.articles.reduce((sum, row) => sum + row.share, 0)
    assert.deepEqual([total, Math.round(shares * 1000)], [3, 1000])
  })

  it('are open to nova_analyst, also after a rebuild, who reads no title, event or body', async () => {
    await using w = await commandWorld()
    const call = {
      month: '2026-05',
      tool: 'get_article',
      durationMs: 1,
      failed: 0,
      weight: 3,
    } as const
    const calls = eventsOf({ ...call, user: 'ada', end: 'completed' })
    const stream = { userId: 'ada', streamId: usage.usageStream('ada', call.month) }
    const options = { expectedVersion: 0, metadata: { actor: 'agent' } } as const
    await appendTo(w.deps.store, stream, calls, options)
    for (const projection of projections) await rebuildProjection(w.database, projection)
    const client = await w.database.owner.connect()
    try {
      await client.query('set role nova_analyst')
      for (const view of views) await client.query(`select * from nova.${view}`)
      for (const secret of [
        'nova.events',
        'nova.contents',
        'nova.api_tokens',
        'nova.article_sources',
        'nova.audit',
      ]) {
        await assert.rejects(client.query(`select * from ${secret}`), { code: '42501' }, secret)
      }
      await client.query('select status from nova.articles_g2')
      await assert.rejects(client.query('select title from nova.articles_g2'), { code: '42501' })
      for (const [user, seen] of [
        ['ada', 1],
        ['eve', 0],
      ] as const) {
        await client.query(`reset role; set role nova_app; set app.user_id = '${user}'`)
        for (const view of ['monthly_calls', 'most_used_tools', 'tool_health']) {
          assert.equal((await client.query(`select from nova.${view}`)).rowCount, seen, view)
        }
      }
    } finally {
      client.release(true)
    }
  })

  it('are documented by statements that run', async () => {
    await using w = await commandWorld()
    const page = readFileSync(join(import.meta.dirname, '../../../docs/analytics.md'), 'utf8')
    const [, sql = ''] = /```sql\n([\s\S]+?)```/.exec(page) ?? []
    const client = await w.database.owner.connect()
    try {
      await client.query(sql)
    } finally {
      client.release(true)
    }
    for (const [, view = ''] of sql.matchAll(/nova\.(\w+)/g)) assert.ok(views.includes(view), view)
    for (const view of views) assert.ok(sql.includes(`nova.${view}`), `${view} is not documented`)
  })
})
