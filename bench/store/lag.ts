import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import pino from 'pino'
import { ArticleCreated, articleStream } from '../../src/events/articles/article-events.ts'
import { JobLocks } from '../../src/jobs/queue/job-locks.ts'
import { createQueues, startBoss } from '../../src/jobs/queue/job-queues.ts'
import { workProjections } from '../../src/jobs/work-projections.ts'
import { projections } from '../../src/projections/registry.ts'
import { PostgresEventStore } from '../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/events/stream-signal.ts'
import { foldsAny } from '../../src/store/projections/projection-step.ts'
import { appendTo } from '../../test/support/append-to.ts'
import { metadata } from './event.ts'
import { articleCreated } from './history.ts'
import { type Line, percentiles } from './measure.ts'
import type { BenchServer } from './server.ts'

const perSecond = 500
const seconds = 10
const tickMs = 10
const folding = projections.filter((one) => foldsAny(one, new Set([ArticleCreated.type])))

/**
 * Milliseconds from an append's answer to the moment at which every projection of such events has folded it, while 500
 * events a second come in. Workers and writers are one process, as `nova serve` is.
 */
export async function* lag(server: BenchServer): AsyncGenerator<Line> {
  await using made = await server.createNova('lag', 24)
  const { database } = made
  const signal = new StreamSignal()
  const store = new PostgresEventStore(database, signal)
  const log = pino({ level: 'silent' })
  await using working = new AsyncDisposableStack()
  const boss = await startBoss(database.connection(), { supervise: true, log }, working)
  await createQueues(
    boss,
    projections.map(({ name }) => name),
  )
  const queue = { boss, locks: new JobLocks(database.connection(), log, working) }
  await workProjections({ queue, projector: database.projector, signal, log }, projections, working)
  const pending: { position: number; at: number }[] = []
  const lags: number[] = []
  let watching = true
  const watcher = watch(made.url, pending, lags, () => watching)
  const append = async () => {
    const articleId = randomUUID()
    const stream = { userId: 'user-1', streamId: articleStream(articleId) }
    const events = [articleCreated(articleId)]
    const { position } = await appendTo(store, stream, events, { expectedVersion: 0, metadata })
    pending.push({ position, at: performance.now() })
  }
  // The first second wakes the workers up and is not counted.
  await pace(1, append)
  lags.length = 0
  await pace(seconds, append)
  for (let left = 60_000 / tickMs; pending.length > 0; left--) {
    if (left === 0) throw new Error(`${pending.length} events were never projected`)
    await delay(tickMs)
  }
  watching = false
  await watcher
  await working.disposeAsync()
  const { p50, p99 } = percentiles(lags)
  yield {
    bench: 'lag from commit to all projections',
    variant: `${perSecond} appends/s`,
    unit: 'ms',
    value: Number(p99.toFixed(1)),
    p50_ms: Number(p50.toFixed(1)),
    p99_ms: Number(p99.toFixed(1)),
    goal: 50,
    note: `${lags.length} events, ${folding.length} of ${projections.length} projections`,
  }
}

/** Starts operations at an even pace, whether or not the earlier ones are done. */
async function pace(forSeconds: number, operation: () => Promise<void>): Promise<void> {
  const began = performance.now()
  const running = new Set<Promise<void>>()
  for (let started = 0; started < forSeconds * perSecond; ) {
    const due = Math.min(forSeconds * perSecond, ((performance.now() - began) / 1000) * perSecond)
    for (; started < due; started++) {
      const one: Promise<void> = operation().finally(() => running.delete(one))
      running.add(one)
    }
    await delay(tickMs)
  }
  await Promise.all(running)
}

/** Looks at the slowest checkpoint again and again, on a connection of its own. */
async function watch(
  url: string,
  pending: { position: number; at: number }[],
  lags: number[],
  isOn: () => boolean,
): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  while (isOn()) {
    const { rows } = await client.query<{ position: string }>(
      `select min(position) as position from nova.projections
       where status = 'live' and name = any($1)`,
      [folding.map(({ name }) => name)],
    )
    const seen = Number(rows[0]?.position)
    const now = performance.now()
    for (let n = pending.length - 1; n >= 0; n--) {
      const event = pending[n]
      if (!event || event.position > seen) continue
      lags.push(now - event.at)
      pending.splice(n, 1)
    }
    await delay(2)
  }
  await client.end()
}
