import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '../../../src/errors.ts'
import { ArticleArchived } from '../../../src/events/articles/article-events.ts'
import { ConcurrencyConflict } from '../../../src/store/events/event-store.ts'
import { PostgresEventStore } from '../../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../../src/store/events/stream-signal.ts'
import { type AppendToOptions, appendTo } from '../../support/append-to.ts'
import { freshDatabase } from '../../support/database.ts'

const event = ArticleArchived({ archived_at: '2026-01-01T00:00:00.000Z' })
const metadata = { actor: 'user' as const }
const any: AppendToOptions = { expectedVersion: 'any', metadata }
const streamOf = (userId: string) => ({ userId, streamId: `article-of-${userId}` })

async function world() {
  const db = await freshDatabase()
  return { ...db, store: new PostgresEventStore(db.database, new StreamSignal()) }
}

const users = Array.from({ length: 40 }, (_, n) => `user${n}`)

describe('appends at once', { concurrency: true }, () => {
  it('go together, each for its own user and with its own answer', async () => {
    await using w = await world()
    let statements = 0
    w.database.app.on('acquire', () => statements++)
    const answers = await Promise.all(
      users.map((user) => appendTo(w.store, streamOf(user), [event], any)),
    )
    assert.ok(statements < 5, `${statements} statements`)
    for (const [n, user] of users.entries()) {
      const [stored, ...more] = await w.store.read(streamOf(user))
      assert.deepEqual(more, [])
      assert.equal(stored?.userId, user)
      assert.deepEqual(answers[n], {
        version: 1,
        position: stored?.globalPosition,
        repeated: false,
      })
    }
  })

  it('of one group keep their order in a stream', async () => {
    await using w = await world()
    const few = users.slice(0, 20)
    const answers = await Promise.all(
      few.map(() => appendTo(w.store, streamOf('ada'), [event], any)),
    )
    assert.deepEqual(
      answers.map(({ version }) => version),
      few.map((_, n) => n + 1),
    )
  })

  it('are refused by themselves', async () => {
    await using w = await world()
    const [keyed, moved, unstorable] = [
      streamOf('keyed'),
      streamOf('moved'),
      streamOf('unstorable'),
    ]
    const withKey = { ...any, key: 'k' }
    const first = await appendTo(w.store, keyed, [event], withKey)
    const other = ArticleArchived({ archived_at: '2026-02-02T00:00:00.000Z' })
    const outcomes = await Promise.allSettled([
      ...users.map((user) => appendTo(w.store, streamOf(user), [event], any)),
      appendTo(w.store, keyed, [event], withKey),
      appendTo(w.store, moved, [event], { expectedVersion: 3, metadata }),
      appendTo(w.store, keyed, [other], withKey),
      // What PostgreSQL's JSON cannot hold spoils the whole statement.
      appendTo(w.store, unstorable, [event], { ...any, metadata: { ...metadata, client: '\0' } }),
    ])
    const refused = outcomes
      .splice(-3)
      .map((outcome) => outcome.status === 'rejected' && outcome.reason)
    assert.ok(refused[0] instanceof ConcurrencyConflict)
    assert.ok(refused[1] instanceof Refusal && refused[1].code === 'IDEMPOTENCY_KEY_REUSED')
    assert.match(String(refused[2]), /Unicode/)
    assert.deepEqual(outcomes.pop(), { status: 'fulfilled', value: { ...first, repeated: true } })
    assert.ok(outcomes.every(({ status }) => status === 'fulfilled'))
    const { rows } = await w.database.projector.query('select from nova.events')
    assert.equal(rows.length, users.length + 1)
  })

  it('do not wait for one whose stream somebody holds', async () => {
    await using w = await world()
    await appendTo(w.store, streamOf('held'), [event], any)
    const holder = await w.database.owner.connect()
    await holder.query(`begin; select from nova.streams where user_id = 'held' for update`)
    let isHeld = true
    const held = appendTo(w.store, streamOf('held'), [event], any).finally(() => {
      isHeld = false
    })
    await Promise.all(users.map((user) => appendTo(w.store, streamOf(user), [event], any)))
    await Promise.all(users.map((user) => appendTo(w.store, streamOf(user), [event], any)))
    assert.ok(isHeld)
    await holder.query('commit')
    holder.release()
    assert.equal((await held).version, 2)
  })
})
