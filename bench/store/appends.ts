import { bareInsert, nova, novaUnbound, type Subject } from './contenders.ts'
import { type Line, lineOf, roundRobin } from './measure.ts'
import { emmett } from './peers/emmett.ts'
import { messageDb } from './peers/message-db.ts'
import type { BenchServer } from './server.ts'

const lanes = [1, 8, 32]
const peers = ['Emmett', 'message-db']
const limit = 'bare INSERT'
const limitGoals: Record<number, number> = { 1: 0.7, 8: 0.55, 32: 0.55 }

async function subjects(server: BenchServer, resources: AsyncDisposableStack): Promise<Subject[]> {
  const make = async (name: string) => resources.use(await server.create(name))
  const ours = resources.use(await server.createNova('nova_appends', 64))
  return [
    await bareInsert(await make('bare')),
    nova(ours.database),
    await emmett(await make('emmett')),
    await messageDb(await make('message_db'), 'one'),
    await messageDb(await make('message_db_many'), 'many'),
    novaUnbound(ours),
  ].map((subject) => resources.use(subject))
}

/** Appends of one and of ten events by 1, 8 and 32 writers, beside the limit and the peers. */
export async function* appends(server: BenchServer): AsyncGenerator<Line> {
  await using resources = new AsyncDisposableStack()
  const all = await subjects(server, resources)
  for (const size of [1, 10]) {
    for (const writers of lanes) {
      const contenders = all.map((subject) => subject.append(size))
      const measured = await roundRobin(contenders, { lanes: writers, sliceMs: 1200 })
      const bench = `append ${size === 1 ? 'one event' : 'ten events'}, ${writers} writer${writers > 1 ? 's' : ''}`
      const ours = measured.get('nova')
      for (const [variant, result] of measured) {
        yield lineOf(bench, variant, 'events/s', result)
      }
      if (!ours) continue
      for (const name of [limit, ...peers, 'nova without row-level security']) {
        const goal = goalOf(name, size, writers)
        const perSecond = measured.get(name)?.perSecond ?? 0
        yield lineOf(bench, 'nova', 'events/s', ours, { name, perSecond, ...(goal && { goal }) })
      }
    }
  }
}

/** The goals are for single events, beside the peers with several writers. */
function goalOf(name: string, size: number, writers: number): number | undefined {
  if (size > 1) return undefined
  if (name === limit) return limitGoals[writers]
  return peers.includes(name) && writers > 1 ? 1.8 : undefined
}

/** Reads of a whole stream of 100 events. */
export async function* reads(server: BenchServer): AsyncGenerator<Line> {
  await using resources = new AsyncDisposableStack()
  const all = await subjects(server, resources)
  const contenders = []
  for (const subject of all) if (subject.read) contenders.push(await subject.read())
  for (const readers of lanes) {
    const measured = await roundRobin(contenders, { lanes: readers, sliceMs: 800 })
    const bench = `read a stream of 100, ${readers} reader${readers > 1 ? 's' : ''}`
    for (const [variant, result] of measured) yield lineOf(bench, variant, 'events/s', result)
    const ours = measured.get('nova')
    for (const name of [...peers, 'nova without row-level security']) {
      const perSecond = measured.get(name)?.perSecond ?? 0
      if (ours) yield lineOf(bench, 'nova', 'events/s', ours, { name, perSecond })
    }
  }
}
