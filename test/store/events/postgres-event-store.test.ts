import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type pg from 'pg'
import { Refusal } from '../../../src/errors.ts'
import { ArticleArchived } from '../../../src/events/articles/article-events.ts'
import { ConcurrencyConflict } from '../../../src/store/events/event-store.ts'
import { PostgresEventStore } from '../../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../../src/store/events/stream-signal.ts'
import { appendTo } from '../../support/append-to.ts'
import { freshDatabase } from '../../support/database.ts'
import { heldRows } from '../../support/held-rows.ts'

const at = (n: number) =>
  ArticleArchived({ archived_at: new Date(1_700_000_000_000 + n * 1000).toISOString() })
const metadata = { actor: 'user' as const }
const stream = { userId: 'ada', streamId: 'article-1' }
const any = { expectedVersion: 'any' as const, metadata }

async function world() {
  const db = await freshDatabase()
  const signal = new StreamSignal()
  return {
    ...db,
    signal,
    store: new PostgresEventStore(db.database, signal),
    /** As another process would have it: its appends do not go together with those of `store`. */
    storeElsewhere: () => new PostgresEventStore(db.database, new StreamSignal()),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}

describe('append', { concurrency: true }, () => {
  it('gives back what was appended, in order and with versions from 1', async () => {
    await using w = await world()
    await appendTo(w.store, stream, [at(1), at(2)], { expectedVersion: 0, metadata })
    await appendTo(w.store, stream, [at(3)], { expectedVersion: 2, metadata })
    const events = await w.store.read(stream)
    assert.deepEqual(
      events.map((event) => [event.streamVersion, event.data]),
      [1, 2, 3].map((n) => [n, at(n).data]),
    )
    assert.equal(new Set(events.map((event) => event.eventId)).size, 3)
    assert.deepEqual(await w.store.read(stream, 2), events.slice(2))
  })

  it('lets exactly one of ten concurrent appends at one version win', async () => {
    await using w = await world()
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        appendTo(w.storeElsewhere(), stream, [at(n)], { expectedVersion: 0, metadata }),
      ),
    )
    const lost = attempts.filter((attempt) => attempt.status === 'rejected')
    assert.equal(lost.length, 9)
    assert.ok(lost.every(({ reason }) => reason instanceof ConcurrencyConflict))
    assert.equal((await w.store.read(stream)).length, 1)
  })

  it('refuses a version the stream does not have, ahead or behind', async () => {
    await using w = await world()
    await appendTo(w.store, stream, [at(1)], { expectedVersion: 0, metadata })
    for (const expectedVersion of [0, 2]) {
      await assert.rejects(
        appendTo(w.store, stream, [at(2)], { expectedVersion, metadata }),
        ConcurrencyConflict,
      )
    }
  })

  it('answers retries of one key alike that all found it unknown, and adds the events once', async () => {
    await using w = await world()
    await appendTo(w.store, stream, [at(0)], any)
    const gate = await heldRows(w.database, 'select from nova.streams for update')
    const retries = [1, 2, 3, 4].map(() =>
      appendTo(w.storeElsewhere(), stream, [at(1), at(2)], { ...any, key: 'k1' }),
    )
    await gate.waiting(4)
    await gate.open()
    const answers = await Promise.all(retries)
    assert.equal(new Set(answers.map(({ version, position }) => `${version}/${position}`)).size, 1)
    assert.equal(answers.filter(({ repeated }) => !repeated).length, 1)
    assert.equal((await w.store.read(stream)).length, 3)
  })

  it('answers a retry as before also when the stream has moved on since', async () => {
    await using w = await world()
    const options = { expectedVersion: 0, metadata, key: 'k1' }
    const first = await appendTo(w.store, stream, [at(1)], options)
    await appendTo(w.store, stream, [at(2)], any)
    assert.deepEqual(await appendTo(w.store, stream, [at(1)], options), {
      ...first,
      repeated: true,
    })
  })

  it('takes a retry of one event for what it is when any version will do, and breaks no chain', async () => {
    await using w = await world()
    const keyed = { ...any, key: 'k1' }
    await appendTo(w.store, stream, [at(0)], any)
    const [first, ...retries] = await Promise.all(
      Array.from({ length: 20 }, () => appendTo(w.storeElsewhere(), stream, [at(1)], keyed)),
    )
    await appendTo(w.store, stream, [at(2)], any)
    const late = await appendTo(w.store, stream, [at(1)], keyed)
    for (const { version, position } of [...retries, late]) {
      assert.deepEqual({ version, position }, { version: 2, position: first?.position })
    }
    const next = await appendTo(w.store, stream, [at(3)], any)
    assert.equal(next.version, 4)
    assert.deepEqual(await countLinks(w.database.owner), { events: 4, whole: 4, heads: 1 })
    await assert.rejects(
      appendTo(w.store, { ...stream, streamId: 'article-2' }, [at(1)], keyed),
      (error) => error instanceof Refusal && error.code === 'IDEMPOTENCY_KEY_REUSED',
    )
  })

  it('refuses a key that belongs to other events', async () => {
    await using w = await world()
    await appendTo(w.store, stream, [at(1)], { ...any, key: 'k1' })
    await assert.rejects(
      appendTo(w.store, stream, [at(2)], { ...any, key: 'k1' }),
      (error) => error instanceof Refusal && error.code === 'IDEMPOTENCY_KEY_REUSED',
    )
  })
})

describe('the events table', { concurrency: true }, () => {
  it('refuses the service and even the owner to change or remove an event', async () => {
    await using w = await world()
    await appendTo(w.store, stream, [at(1)], any)
    for (const pool of [w.database.app, w.database.owner]) {
      await assert.rejects(pool.query(`update nova.events set type = 'X'`))
      await assert.rejects(pool.query('delete from nova.events'))
    }
    await assert.rejects(w.database.app.query('truncate nova.events'))
  })

  it('shows a user no row of another, in any table with a user_id', async () => {
    await using w = await world()
    await appendTo(w.store, stream, [at(1)], { ...any, key: 'k' })
    const { rows: tables } = await w.database.owner.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relnamespace = 'nova'::regnamespace and c.relkind in ('r', 'p', 'v')
         and not c.relispartition and a.attname = 'user_id'`,
    )
    assert.ok(tables.length >= 10)
    for (const { name } of tables) {
      assert.equal(await rowsSeenBy(w.database.app, 'eve', name), 0, name)
    }
    assert.equal(await rowsSeenBy(w.database.app, 'ada', 'events'), 1)
    assert.equal(await rowsSeenBy(w.database.app, '', 'events'), 0)
  })

  it('refuses to write a row of another user', async () => {
    await using w = await world()
    const client = await w.database.app.connect()
    try {
      await client.query('begin')
      await client.query(`select set_config('app.user_id', 'eve', true)`)
      await assert.rejects(
        client.query(`insert into nova.streams values ('ada', 'article-2', 1, null)`),
        /row-level security/,
      )
    } finally {
      await client.query('rollback')
      client.release()
    }
  })

  it('forces row-level security on every table with a user_id', async () => {
    await using w = await world()
    const { rows } = await w.database.owner.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relnamespace = 'nova'::regnamespace and c.relkind in ('r', 'p')
         and not c.relispartition and a.attname = 'user_id' and not c.relforcerowsecurity`,
    )
    assert.deepEqual(rows, [])
  })
})

describe('reading all events', { concurrency: true }, () => {
  it('never passes over a slow writer that took a lower position', async () => {
    await using w = await world()
    const slow = await w.database.app.connect()
    await slow.query('begin')
    await slow.query(
      `select * from nova.append('slow', 'article-9', null, null, '{01A}', '{ArticleArchived}',
         '{1}', array['{"archived_at":"2026-01-01T00:00:00Z"}'::jsonb], '{"actor":"user"}')`,
    )
    await appendTo(w.store, stream, [at(1)], any)
    const early = await w.store.readAll(0, 100)
    assert.equal(early.events.length, 0)
    await slow.query('commit')
    slow.release()
    const late = await w.store.readAll(early.position, 100)
    assert.deepEqual(
      late.events.map((event) => event.userId),
      ['slow', 'ada'],
    )
  })

  it('sees each of 400 concurrent appends exactly once, rollbacks and pauses among them', async () => {
    await using w = await world()
    let left = 400
    const writer = async (n: number): Promise<void> => {
      while (left-- > 0) {
        const client = await w.database.app.connect()
        try {
          await client.query('begin')
          await client.query(
            `select nova.append($1, $2, null, null, $3, '{ArticleArchived}', '{1}',
               array['{"archived_at":"2026-01-01T00:00:00Z"}'::jsonb], '{"actor":"user"}'),
               pg_sleep(random() * 0.004)`,
            [`user${n}`, `article-${n}`, [`01-${n}-${left}`]],
          )
          await client.query(left % 7 === 0 ? 'rollback' : 'commit')
        } finally {
          client.release()
        }
      }
    }
    let writing = true
    const seen: string[] = []
    const reading = (async () => {
      for (let position = 0; ; ) {
        const last = !writing
        const page = await w.store.readAll(position, 50)
        seen.push(...page.events.map((event) => `${event.streamId}/${event.streamVersion}`))
        position = page.position
        if (last && page.events.length === 0) return
      }
    })()
    await Promise.all(Array.from({ length: 4 }, (_, n) => writer(n)))
    writing = false
    await reading
    const { rows } = await w.database.projector.query<{ key: string }>(
      `select stream_id || '/' || stream_version as key from nova.events`,
    )
    assert.deepEqual(seen.toSorted(), rows.map(({ key }) => key).toSorted())
    assert.equal(new Set(seen).size, seen.length)
  })
})

async function rowsSeenBy(pool: pg.Pool, userId: string, table: string): Promise<number> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(`select set_config('app.user_id', $1, true)`, [userId])
    const { rows } = await client.query<{ n: number }>(`select count(*) as n from nova.${table}`)
    return rows[0]?.n ?? -1
  } finally {
    await client.query('rollback')
    client.release()
  }
}

describe('the hash chain', { concurrency: true }, () => {
  it('is whole after single, joint, keyed and concurrent appends', async () => {
    await using w = await world()
    await appendTo(w.store, stream, [at(1)], { expectedVersion: 0, metadata })
    await appendTo(w.store, stream, [at(2), at(3)], { expectedVersion: 1, metadata })
    await appendTo(w.store, stream, [at(4)], { ...any, key: 'k' })
    const other = { userId: 'ada', streamId: 'article-2' }
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        appendTo(
          n % 5 ? w.store : w.storeElsewhere(),
          n % 2 ? stream : other,
          n % 3 ? [at(n)] : [at(n), at(n + 1)],
          any,
        ),
      ),
    )
    assert.deepEqual(await countLinks(w.database.owner), { events: 44, whole: 44, heads: 2 })
  })
})

/** How many events there are, how many hashes are right, and how many streams know their last one. */
async function countLinks(pool: pg.Pool) {
  const { rows } = await pool.query<{ events: number; whole: number; heads: number }>(`
    with chained as (
      select e.*, lag(hash) over (partition by user_id, stream_id order by stream_version) as before
      from nova.events e)
    select count(*) as events,
      count(*) filter (where hash = nova.chain_hash(before, nova.content_hash(
        user_id, stream_id, event_id, type, schema_version, metadata,
        (extract(epoch from recorded_at) * 1000000)::bigint, sha256(convert_to(data::text, 'UTF8'))))) as whole,
      (select count(*) from nova.streams s join nova.events h using (user_id, stream_id)
        where h.stream_version = s.version and h.hash = s.last_hash) as heads
    from chained`)
  return rows[0]
}
