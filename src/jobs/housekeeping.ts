import type pg from 'pg'
import type { CommandDeps } from '../commands/handle.ts'
import { settleToolCall } from '../commands/tool-calls.ts'
import type { OperationJob } from './operation-queue.ts'

export interface HousekeepingDeps extends CommandDeps {
  owner: pg.Pool
  projector: pg.Pool
  enqueue: (job: OperationJob) => Promise<void>
}

/** A call still open after this was left over by a crash: no fast tool takes so long. */
const abandonedAfter = '15 minutes'
const perRun = 500

/** What a crash at the wrong moment left undone; runs every minute and does nothing twice. */
export async function keepHouse(deps: HousekeepingDeps): Promise<void> {
  await deps.owner.query('select nova.ensure_event_partitions(2)')
  await deps.projector.query('delete from nova.append_requests')
  await deps.projector.query('select nova.sweep_contents()')
  await requeueOperations(deps)
  await refundAbandonedCalls(deps)
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

async function refundAbandonedCalls(deps: HousekeepingDeps): Promise<void> {
  const { rows } = await deps.projector.query<{
    user_id: string
    call_id: string
    tool: string
    month: string
  }>(
    `select c.user_id, c.call_id, c.tool, c.month from nova.tool_calls c
     where c.status = 'open' and c.called_at < now() - $1::interval
       and not exists (
         select 1 from nova.operations o
         where o.user_id = c.user_id and o.operation_id = c.call_id and o.status = 'running')
     order by c.called_at limit $2`,
    [abandonedAfter, perRun],
  )
  for (const call of rows) {
    await settleToolCall(
      deps,
      {
        userId: call.user_id,
        metadata: { actor: 'job', correlation_id: call.call_id },
      },
      { callId: call.call_id, tool: call.tool, month: call.month },
      {
        outcome: 'failed',
        code: 'ABANDONED',
        itemsOk: 0,
        itemsFailed: 0,
        durationMs: 0,
        costUsd: null,
        refund: 'the server stopped before the call did any work',
      },
    )
  }
}
