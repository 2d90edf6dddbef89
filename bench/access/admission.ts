import { randomUUID } from 'node:crypto'
import { assignPlan } from '../../src/commands/usage/assign-plan.ts'
import { admitToolCall } from '../../src/commands/usage/tool-calls.ts'
import { composeStores, type Stores } from '../../src/compose/compose-stores.ts'
import { ToolCalled, usageMonth, usageStream } from '../../src/events/usage/usage-events.ts'
import { projections } from '../../src/projections/registry.ts'
import { usageProjection } from '../../src/projections/usage/usage.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { appendTo } from '../../test/support/append-to.ts'
import { limits } from '../../test/support/limits.ts'
import { metadata } from '../store/event.ts'
import { type Contender, inTurn, type Line, timeLineOf } from '../store/measure.ts'
import type { BenchServer } from '../store/server.ts'

const tool = 'list_articles'
const goal = 1.3

/** Calls between two rounds of the usage projection: a person's are folded before the next, a crowd's not. */
const paces = [
  { name: 'the month folded', every: 1, turns: 800 },
  { name: 'up to 20 calls not folded', every: 20, turns: 2000 },
]

const plans = {
  'no plan': null,
  'a plan': limits({ callsPerMonth: 1_000_000 }),
  'a plan with weights': limits({ callsPerMonth: 1_000_000, weights: { [tool]: 2 } }),
  'a plan with a limit of 600 a minute': limits({ callsPerMonth: 1_000_000, callsPerMinute: 600 }),
}

/** Admission beside an append of the same event, each to a month of its own, in turn. */
export async function* admission(server: BenchServer): AsyncGenerator<Line> {
  await using made = await server.createNova('admission', 16)
  const { projector } = made.database
  const deps = composeStores(made.database)
  const contenders = [appending(deps, 'plain'), ...(await admitting(deps))]
  for (const { lane } of contenders) {
    const operation = lane(0)
    for (let n = 0; n < 590; n++) await operation()
  }
  for (const projection of projections) await drainProjection(projector, projection)
  const between = () => drainProjection(projector, usageProjection)
  for (const { name: pace, ...options } of paces) {
    const measured = await inTurn(contenders, { ...options, between })
    const plain = measured.get('a plain append')
    for (const [name, result] of measured) {
      const against =
        result === plain ? undefined : plain && { name: 'a plain append', ...plain, goal }
      yield timeLineOf(`admission, ${pace}`, name, 'calls/s', result, against)
    }
  }
}

/** The event that admission appends, without the admission. */
export const appending = ({ store }: Stores, userId: string): Contender => ({
  name: 'a plain append',
  size: 1,
  lane: () => () => {
    const called_at = new Date().toISOString()
    const call = { call_id: randomUUID(), tool, article_id: null, weight: 1, called_at }
    const stream = { userId, streamId: usageStream(userId, usageMonth(new Date())) }
    return appendTo(store, stream, [ToolCalled(call)], { expectedVersion: 'any', metadata })
  },
})

/** A user's admission, let in or not. */
export const admits = (deps: Stores, userId: string) => () =>
  admitToolCall(
    deps,
    { userId, metadata },
    { callId: randomUUID(), tool, articleId: null, defaults: limits() },
  ).catch(() => {})

async function admitting(deps: Stores): Promise<Contender[]> {
  const contenders: Contender[] = []
  for (const [name, plan] of Object.entries(plans)) {
    const userId = name.replaceAll(' ', '-')
    if (plan) await assignPlan(deps, { userId, metadata }, { ...plan, assignedBy: null })
    contenders.push({ name, size: 1, lane: () => admits(deps, userId) })
  }
  return contenders
}
