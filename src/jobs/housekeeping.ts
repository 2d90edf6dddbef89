import type pg from 'pg'
import type { CommandDeps } from '../commands/handle.ts'
import { looked, noEffect } from '../commands/usage/call-ledger.ts'
import { settleToolCall } from '../commands/usage/tool-calls.ts'
import type { Log } from '../log.ts'
import type { CallEffects } from '../store/usage/call-effects.ts'
import type { OperationJob } from './runs/send-operation.ts'

export interface HousekeepingDeps extends CommandDeps {
  owner: pg.Pool
  projector: pg.Pool
  effects: CallEffects
  enqueue: (job: OperationJob) => Promise<void>
  log: Log
}

/** A call still open after this was left over by a crash: no fast tool takes so long. */
const abandonedAfter = '15 minutes'
const perRun = 500
const dayMs = 86_400_000

/**
 * What a crash at the wrong moment left undone; runs every minute and does nothing twice. What cannot be
 * done is logged and keeps nothing else from being done. A server that stops leaves the rest to the next one.
 */
export async function keepHouse(deps: HousekeepingDeps, stopping: AbortSignal): Promise<void> {
  const attempt = attempter(deps.log, stopping)
  await attempt('partitions', () => deps.owner.query('select nova.ensure_event_partitions(2)'))
  await attempt('keys', () => deps.projector.query('delete from nova.append_requests'))
  await attempt('contents', () => deps.projector.query('select nova.sweep_contents()'))
  await attempt('operations', () => requeueOperations(deps))
  await attempt('calls', () => closeAbandonedCalls(deps, attempt))
}

type Attempt = (what: string, work: () => Promise<unknown>) => Promise<void>

const attempter =
  (log: Log, stopping: AbortSignal): Attempt =>
  async (what, work) => {
    if (stopping.aborted) return
    try {
      await work()
    } catch (error) {
      log.error({ err: error, what }, 'housekeeping')
    }
  }

/** An operation whose job was never sent: the process died between the event and the queue. */
async function requeueOperations(
  deps: Pick<HousekeepingDeps, 'projector' | 'enqueue'>,
): Promise<void> {
  const { rows } = await deps.projector.query<OperationJob>(
    `select user_id as "userId", article_id as "articleId", operation_id as "operationId"
     from nova.operations where status = 'running' order by started_at limit $1`,
    [perRun],
  )
  for (const job of rows) await deps.enqueue(job)
}

interface OpenCall {
  user_id: string
  call_id: string
  tool: string
  month: string
  weight: number
  called_at: Date
}

async function closeAbandonedCalls(deps: HousekeepingDeps, attempt: Attempt): Promise<void> {
  const { rows } = await deps.projector.query<OpenCall>(
    `select c.user_id, c.call_id, c.tool, c.month, c.weight, c.called_at from nova.tool_calls c
     where c.status = 'open' and c.called_at < now() - $1::interval
       and not exists (
         select 1 from nova.operations o
         where o.user_id = c.user_id and o.operation_id = c.call_id and o.status = 'running')
     order by c.called_at limit $2`,
    [abandonedAfter, perRun],
  )
  for (const call of rows) await attempt(`call ${call.call_id}`, () => closeCall(deps, call))
}

/**
 * A call that began an operation is settled by its job, with what was done: the worker may have died between
 * the two, and the read models may not know the operation yet. Any other counts when there is something on
 * record that it did: its server may have stopped, or lost the database, after that as well as before.
 */
async function closeCall(deps: HousekeepingDeps, call: OpenCall): Promise<void> {
  const { user_id: userId, call_id: callId, called_at: calledAt } = call
  // Clocks of servers differ.
  const since = new Date(calledAt.getTime() - dayMs)
  const { found, operationOf: articleId } = await deps.effects.of(userId, callId, since)
  if (articleId) return deps.enqueue({ userId, articleId, operationId: callId })
  await settleToolCall(
    deps,
    { userId, metadata: { actor: 'job', correlation_id: callId } },
    { callId, tool: call.tool, month: call.month, weight: call.weight },
    found
      ? { ...looked, outcome: 'completed', code: 'SETTLED_LATE' }
      : { ...looked, outcome: 'failed', code: 'ABANDONED', refund: noEffect },
  )
}
