import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import pg from 'pg'
import { admitToolCall, settleToolCall } from '../../../src/commands/usage/tool-calls.ts'
import { composeStores, type Stores } from '../../../src/compose/compose-stores.ts'
import { ArticleArchived } from '../../../src/events/articles/article-events.ts'
import { usageMonth } from '../../../src/events/usage/usage-events.ts'
import { listArticles } from '../../../src/projections/articles/articles.ts'
import { findPlan } from '../../../src/projections/usage/plans.ts'
import { reservedUnits } from '../../../src/projections/usage/tool-calls.ts'
import { usageOf } from '../../../src/projections/usage/usage.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { appendTo } from '../../support/append-to.ts'
import { caller } from '../../support/command-world.ts'
import { freshDatabase } from '../../support/database.ts'
import { fillMonth, type MonthShape } from '../../support/large-month.ts'
import { limits } from '../../support/limits.ts'

const users = { aboutHalf: 'user0', aFew: 'user7' }

interface Asked {
  text: string
  values: unknown[]
}

/** The pool, with a list of the statements with values that went through it; nothing that they do stays. */
function overheard(pool: pg.Pool): { pool: pg.Pool; statements: Asked[] } {
  const statements: Asked[] = []
  const listen = (client: pg.PoolClient): pg.PoolClient =>
    new Proxy(client, {
      get(_, key) {
        if (key === 'query') {
          return (query: string | Asked) => {
            if (typeof query === 'object') statements.push(query)
            return client.query(query === 'commit' ? 'rollback' : query)
          }
        }
        if (key === 'release') return () => client.query('rollback').then(() => client.release())
        const value = Reflect.get(client, key)
        return typeof value === 'function' ? value.bind(client) : value
      },
    })
  const connect = async () => {
    const client = await pool.connect()
    await client.query('begin')
    return listen(client)
  }
  const query = async (asked: Asked) => {
    const client = await connect()
    try {
      return await client.query(asked)
    } finally {
      client.release()
    }
  }
  return { pool: { connect, query } as unknown as pg.Pool, statements }
}

/** What each hot path asks of the database, for a user. */
async function hotPaths(database: Database, user: string): Promise<Map<string, Asked>> {
  const { pool, statements } = overheard(database.app)
  const stores = composeStores({ ...database, app: pool })
  const month = usageMonth(stores.now())
  const asked = new Map<string, Asked>()
  const path = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    statements.length = 0
    const result = await work()
    const [statement, ...more] = statements
    assert.ok(statement && more.length === 0, `${name}: ${statements.length} statements`)
    asked.set(name, statement)
    return result
  }
  const admit = (deps: Stores) =>
    admitToolCall(deps, caller(user), {
      callId: randomUUID(),
      tool: 'list_articles',
      articleId: null,
      defaults: limits({ callsPerMonth: 1_000_000, callsPerMinute: 120 }),
    })
  await path('admission', () => admit(stores))
  // This one stays, unseen by the projections: it is what is settled.
  const call = await admit(composeStores(database))
  await path('settlement', () =>
    settleToolCall(stores, caller(user), call, {
      outcome: 'completed',
      code: null,
      itemsOk: 0,
      itemsFailed: 0,
      durationMs: 5,
      costUsd: null,
      refund: null,
    }),
  )
  const { rows } = await database.owner.query<{ stream_id: string }>(
    `select stream_id from nova.streams where user_id = $1 and stream_id like 'article-%' limit 1`,
    [user],
  )
  const stream = { userId: user, streamId: rows[0]?.stream_id ?? '' }
  const event = ArticleArchived({ archived_at: stores.now().toISOString() })
  const any = { expectedVersion: 'any', metadata: { actor: 'user' } } as const
  await path('append', () => appendTo(stores.store, stream, [event], any))
  await path('reading a stream', () => stores.store.read(stream))
  await path('usage of the month', () => usageOf(stores.reader, user, month))
  await path('units at work', () => reservedUnits(stores.reader, user, month))
  await path('plan', () => findPlan(stores.reader, user, limits()))
  await path('list of articles', () => listArticles(stores.reader, user, { limit: 20 }))
  return asked
}

interface Plan {
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
}

/** Pages that the statement looks at, once its plans are kept; nothing that it does stays. */
async function pagesOf(client: pg.Client, user: string, { text, values }: Asked): Promise<number> {
  const name = `s${randomUUID().replaceAll('-', '')}`
  const given = values.map((value) => client.escapeLiteral(literal(value)))
  let pages = 0
  await client.query(`prepare ${name} as ${text}`)
  // A server chooses between a plan for these values and one for all after five times.
  for (let n = 0; n < 7; n += 1) {
    await client.query(
      `begin; select set_config('app.user_id', ${client.escapeLiteral(user)}, true)`,
    )
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (analyze, buffers, format json) execute ${name}(${given.map((one, at) => (values[at] === null ? 'null' : one)).join()})`,
    )
    const scans = await client.query(
      `select relname from pg_stat_xact_all_tables
       where schemaname = 'nova' and relname ~ '^events' and seq_tup_read > 0`,
    )
    await client.query('rollback')
    assert.deepEqual(scans.rows, [], text)
    const plan = rows[0]?.['QUERY PLAN'][0].Plan
    pages = (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0)
  }
  return pages
}

function literal(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** Pages by path, of a month of that shape. */
async function pages(shape: MonthShape, user: string): Promise<Map<string, number>> {
  await using db = await freshDatabase()
  await fillMonth(db.database.owner, usageMonth(new Date()), shape)
  const asked = await hotPaths(db.database, user)
  const client = new pg.Client({ connectionString: db.url, options: '-c role=nova_app' })
  await client.connect()
  try {
    const found = new Map<string, number>()
    for (const [path, statement] of asked) found.set(path, await pagesOf(client, user, statement))
    return found
  } finally {
    await client.end()
  }
}

/** More pages than the deeper index trees of ten times the events need are not allowed. */
const deeper = 30
/** Pages that no hot path needs more of, whatever the month holds. */
const pagesMax = 120

const months = {
  'of which one user owns half': [{ events: 40_000, users: 300, ofFirst: 0.5 }, users.aboutHalf],
  'of which another user owns half': [{ events: 40_000, users: 300, ofFirst: 0.5 }, users.aFew],
  'of ten thousand small users': [{ events: 40_000, users: 10_000, ofFirst: 0 }, users.aFew],
} as const

describe('hot paths in a month', { concurrency: 2 }, () => {
  for (const [name, [shape, user]] of Object.entries(months)) {
    it(`${name} scan no events, and cost what they cost at a tenth of the size`, async () => {
      const tenth = { ...shape, events: shape.events / 10, users: Math.ceil(shape.users / 10) }
      const [few, many] = [await pages(tenth, user), await pages(shape, user)]
      assert.equal(many.size, 8)
      for (const [path, count] of many) {
        const before = few.get(path) ?? 0
        assert.ok(before > 0 && count <= pagesMax, `${path}: ${count} pages`)
        assert.ok(count <= before + deeper, `${path}: ${count} pages, ${before} at a tenth`)
      }
    })
  }
})
