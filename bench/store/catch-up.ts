import pg from 'pg'
import { projections } from '../../src/projections/registry.ts'
import { rebuildProjection } from '../../src/store/projections/rebuild-projection.ts'
import { loadHistory } from './history.ts'
import type { Line } from './measure.ts'
import { emmett, emmettRebuild } from './peers/emmett.ts'
import type { BenchServer } from './server.ts'

const ours = 200_000
/** It takes minutes for more. */
const theirs = 20_000
/** Counters per user and period; the others write a row per thing or per event. */
const counting = ['usage']

/** Events a second that a rebuild folds, by projection; and Emmett's rebuild of a counter. */
export async function* catchUp(server: BenchServer): AsyncGenerator<Line> {
  const peer = await emmettPerSecond(server)
  yield {
    bench: 'catch-up',
    variant: 'Emmett, a counter',
    unit: 'events/s',
    value: Math.round(peer),
    note: `${theirs} events, batches of 1000, one upsert per batch`,
  }
  await using made = await server.createNova('catch_up', 16)
  await loadHistory(made, ours)
  await vacuum(made.url)
  for (const projection of projections) {
    const rounds: number[] = []
    for (let round = 0; round < 3; round++) {
      const began = performance.now()
      await rebuildProjection(made.database, projection)
      rounds.push(ours / ((performance.now() - began) / 1000))
    }
    const value = rounds.toSorted((a, b) => a - b)[1] ?? 0
    const isCounting = counting.includes(projection.name)
    yield {
      bench: 'catch-up',
      variant: projection.name,
      unit: 'events/s',
      value: Math.round(value),
      ...(isCounting && { goal: 100_000 }),
      note: `${ours} events`,
    }
    yield {
      bench: 'catch-up',
      variant: projection.name,
      unit: 'events/s',
      value: Math.round(value),
      ratio_to: 'Emmett, a counter',
      ratio: Number((value / peer).toFixed(1)),
      ...(isCounting && { goal: 20 }),
    }
  }
}

async function emmettPerSecond(server: BenchServer): Promise<number> {
  await using made = await server.create('emmett_catch_up')
  const subject = await emmett(made)
  const append = subject.append(100).lane(0)
  for (let n = 0; n < theirs; n += 100) await append()
  await subject[Symbol.asyncDispose]()
  return theirs / (await emmettRebuild(made, 1000))
}

/** As autovacuum leaves it, which may or may not have come by already. */
async function vacuum(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('vacuum analyze')
  await client.end()
}
