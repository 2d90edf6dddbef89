import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ArticleArchived } from '../../../src/events/articles/article-events.ts'
import { usageProjection } from '../../../src/projections/usage/usage.ts'
import { verifyEvents } from '../../../src/store/archives/verify-events.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { appendTo } from '../../support/append-to.ts'
import { commandWorld } from '../../support/command-world.ts'

const at = (n: number) =>
  ArticleArchived({ archived_at: new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString() })

/** Two streams of five events, which somebody with every right has laid hands on. */
async function tampered(...statements: string[]) {
  const w = await commandWorld()
  for (const [userId, streamId] of [
    ['ada', 'article-a'],
    ['eve', 'article-e'],
  ] as const) {
    const stream = { userId, streamId }
    const options = { expectedVersion: 'any', metadata: { actor: 'user' } } as const
    await appendTo(w.deps.store, stream, [at(1)], options)
    await appendTo(w.deps.store, stream, [at(2), at(3), at(4)], options)
    await appendTo(w.deps.store, stream, [at(5)], { ...options, key: streamId })
  }
  // Switches the triggers off, as only a superuser can.
  await w.database.owner.query(`set session_replication_role = replica; ${statements.join(';')}`)
  return w
}

const ofAda = `user_id = 'ada' and stream_id = 'article-a'`
const rehash = (version: number) => `
  update nova.events e set hash = nova.chain_hash(
    (select hash from nova.events b where b.user_id = e.user_id and b.stream_id = e.stream_id
       and b.stream_version = e.stream_version - 1),
    nova.content_hash(user_id, stream_id, event_id, type, schema_version, metadata,
      (extract(epoch from recorded_at) * 1000000)::bigint, data_hash))
  where ${ofAda} and stream_version = ${version}`

const cases: readonly [name: string, statements: string[], problem: string, version: number][] = [
  [
    'changed data',
    [`update nova.events set data = '{"archived_at":"x"}' where ${ofAda} and stream_version = 2`],
    'changed',
    2,
  ],
  [
    'a changed type',
    [`update nova.events set type = 'ArticleErased' where ${ofAda} and stream_version = 3`],
    'changed',
    3,
  ],
  [
    'a changed actor',
    [`update nova.events set metadata = '{"actor":"cli"}' where ${ofAda} and stream_version = 1`],
    'changed',
    1,
  ],
  [
    'a changed time',
    [
      `update nova.events set recorded_at = recorded_at + interval '1 microsecond'
       where ${ofAda} and stream_version = 4`,
    ],
    'changed',
    4,
  ],
  [
    'a changed event with hashes made anew, at the next one',
    [
      `update nova.events set data = '{}', data_hash = sha256('{}') where ${ofAda} and stream_version = 2`,
      rehash(2),
    ],
    'changed',
    3,
  ],
  [
    'a changed last event with hashes made anew, by the head of the stream',
    [
      `update nova.events set data = '{}', data_hash = sha256('{}') where ${ofAda} and stream_version = 5`,
      rehash(5),
    ],
    'changed',
    5,
  ],
  [
    'a missing event',
    [`delete from nova.events where ${ofAda} and stream_version = 3`],
    'missing',
    4,
  ],
  [
    'a missing first event',
    [`delete from nova.events where ${ofAda} and stream_version = 1`],
    'missing',
    2,
  ],
  [
    'a missing last event',
    [`delete from nova.events where ${ofAda} and stream_version = 5`],
    'missing',
    4,
  ],
  ['a stream without its events', [`delete from nova.events where ${ofAda}`], 'missing', 5],
  [
    'two events in each other’s place',
    [
      ...[
        [2, 9],
        [3, 2],
        [9, 3],
      ].map(
        ([from, to]) =>
          `update nova.events set stream_version = ${to} where ${ofAda} and stream_version = ${from}`,
      ),
    ],
    'reordered',
    3,
  ],
  [
    'a stream that nobody registered',
    [`delete from nova.streams where ${ofAda}`],
    'unregistered',
    5,
  ],
  [
    'data said to be erased in an article that is not',
    [
      `update nova.events set erased_at = now(), data = nova.erased_data(type, data)
       where ${ofAda} and stream_version = 2`,
    ],
    'changed',
    2,
  ],
]

describe('verifying events finds', { concurrency: 4 }, () => {
  for (const [name, statements, problem, version] of cases) {
    it(name, async () => {
      await using w = await tampered(...statements)
      const { problems } = await verifyEvents(w.database.owner)
      assert.ok(problems.length > 0)
      assert.ok(problems.every((found) => found.stream_id === 'article-a'))
      const found = problems.find((each) => each.stream_version === version)
      assert.equal(found?.problem, problem, JSON.stringify(problems))
      const scoped = { userId: 'ada', streamId: 'article-a' }
      assert.deepEqual((await verifyEvents(w.database.owner, scoped)).problems, problems)
      assert.deepEqual((await verifyEvents(w.database.owner, { userId: 'eve' })).problems, [])
    })
  }

  it('a whole stream that is gone with its head, by what the projections have counted', async () => {
    await using w = await tampered()
    await drainProjection(w.database.projector, usageProjection)
    assert.equal((await verifyEvents(w.database.owner)).gone, 0)
    await w.database.owner.query(`set session_replication_role = replica;
      delete from nova.events where ${ofAda}; delete from nova.streams where ${ofAda};
      set session_replication_role = default`)
    const { problems, gone } = await verifyEvents(w.database.owner)
    assert.deepEqual({ problems, gone }, { problems: [], gone: 5 })
  })

  it('nothing where nothing was touched', async () => {
    await using w = await tampered()
    const { events, problems } = await verifyEvents(w.database.owner)
    assert.deepEqual({ events, problems }, { events: 10, problems: [] })
  })

  it('an event id that two months share, where the database cannot refuse it', async () => {
    await using w = await tampered(
      `select nova.create_event_month('2020-01-01')`,
      `update nova.events set recorded_at = '2020-01-05' where ${ofAda} and stream_version = 1`,
      `update nova.events set event_id = (
         select event_id from nova.events where user_id = 'eve' and stream_version = 1)
       where ${ofAda} and stream_version = 1`,
    )
    const { problems } = await verifyEvents(w.database.owner)
    assert.equal(problems.filter(({ problem }) => problem === 'duplicate').length, 2)
  })
})

describe('event ids', { concurrency: true }, () => {
  it('are refused a second time', async () => {
    await using w = await commandWorld()
    const append = (user: string) =>
      w.database.app.query(
        `select nova.append($1, 'article-1', null, null, '{01ARZ3NDEKTSV4RRFFQ69G5FAV}',
           '{ArticleArchived}', '{1}', array['{}'::jsonb], '{}')`,
        [user],
      )
    await append('ada')
    await assert.rejects(append('ada'), /unique/)
    await assert.rejects(append('eve'), /unique/)
  })
})
