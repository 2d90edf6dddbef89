import { nova } from './contenders.ts'
import { type Contender, type Line, lineOf, roundRobin } from './measure.ts'
import type { BenchServer } from './server.ts'

const past = [0, 12, 36]

/** Reads of a stream of 100 events when there are months of partitions behind it: each is looked into. */
export async function* months(server: BenchServer): AsyncGenerator<Line> {
  await using resources = new AsyncDisposableStack()
  const contenders: Contender[] = []
  for (const count of past) {
    const made = resources.use(await server.createNova(`months_${count}`, 16))
    for (let back = 1; back <= count; back++) {
      await made.database.owner.query(
        `select nova.create_event_month((date_trunc('month', now()) - make_interval(months => $1))::date)`,
        [back],
      )
    }
    const reading = await resources.use(nova(made.database)).read?.()
    if (reading) contenders.push({ ...reading, name: `${count} months before this one` })
  }
  const measured = await roundRobin(contenders, { lanes: 8, sliceMs: 800 })
  const bench = 'read a stream of 100, 8 readers'
  for (const [variant, result] of measured) yield lineOf(bench, variant, 'events/s', result)
}
