import { PgBoss } from 'pg-boss'
import type { Log } from '../../log.ts'
import type { ConnectionSettings } from '../../store/database/database-pools.ts'
import { stillMs } from '../../store/database/readiness.ts'
import { settledWithin } from '../../store/database/settled-within.ts'

/** The queue of operations: the slow effects of one tool call each. */
export const operationQueueName = 'run-operation'
/** The queue of research runs: each job takes one run as far as it comes. */
export const researchQueueName = 'research-run'
/** The queue of webhooks: each job tells one receiver how one run ended. */
export const outcomeQueueName = 'run-outcome'
export const housekeepingQueueName = 'housekeeping'
export const projectionQueueName = (projection: string): string => `projection-${projection}`

/** A worker that dies is replaced after this; pg-boss takes no less than ten. */
const heartbeatSeconds = 10

/** Milliseconds that a queue which stops gives its jobs to end. */
const lastJobsMs = 3000
const graceMs = 1000

/**
 * Starts pg-boss on the schema it keeps for itself. Its errors are logged: unheard they end the process. What
 * ends it is in `closing` before it starts: also a queue that is half started keeps timers and connections.
 */
export async function startBoss(
  connection: ConnectionSettings,
  options: { supervise: boolean; log: Log },
  closing: AsyncDisposableStack,
): Promise<PgBoss> {
  const boss = new PgBoss({
    ...connection,
    schema: 'pgboss',
    useListenNotify: options.supervise,
    supervise: options.supervise,
    schedule: options.supervise,
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
  })
  boss.on('error', (error) => options.log.warn({ err: error }, 'job queue'))
  boss.on('warning', (warning) => options.log.debug({ warning }, 'job queue'))
  closing.defer(async () => {
    // A connection that is silent would never be done stopping; closing the database cuts it.
    await settledWithin(boss.stop({ graceful: true, timeout: lastJobsMs }), lastJobsMs + graceMs)
  })
  await boss.start()
  return boss
}

/** Makes the queues; a queue that exists is left as it is. */
export async function createQueues(boss: PgBoss, projections: readonly string[]): Promise<void> {
  const common = { heartbeatSeconds, retryDelay: 1, deleteAfterSeconds: 3600 }
  await boss.createQueue(operationQueueName, {
    ...common,
    // One job per operation, waiting or working; a second send of it is dropped.
    policy: 'exclusive',
    notify: true,
    expireInSeconds: 6 * 3600,
    retryLimit: 50,
  })
  await boss.createQueue(researchQueueName, {
    ...common,
    // A send while one is working is kept: what it tells of may have come too late for that one.
    policy: 'stately',
    notify: true,
    expireInSeconds: 3600,
    retryLimit: 50,
  })
  await boss.createQueue(outcomeQueueName, {
    ...common,
    // One job per run and receiver, waiting for its next try as well; a second send of it is dropped.
    policy: 'exclusive',
    notify: true,
    expireInSeconds: 600,
    retryLimit: 50,
  })
  for (const name of projections) {
    await boss.createQueue(projectionQueueName(name), {
      ...common,
      // A send while one is working is kept: the event behind it may have come too late for that one.
      policy: 'stately',
      notify: true,
      expireInSeconds: 600,
      retryLimit: 1000,
    })
  }
  await boss.createQueue(housekeepingQueueName, {
    ...common,
    policy: 'stately',
    expireInSeconds: 300,
    retryLimit: 0,
  })
}

/**
 * Whether this process's workers ask the queue for jobs: from what the queue remembers, without the database, so
 * that it can be said while connections are silent. A worker that has a job in hand does not ask.
 */
export function jobsMoving(
  boss: Pick<PgBoss, 'getWipData'>,
  now = Date.now(),
): string | { problem: string } {
  const workers = boss.getWipData().filter(({ state }) => state === 'active')
  const still = workers.filter(({ count, createdOn, lastFetchedOn, lastJobEndedOn }) => {
    const heard = Math.max(createdOn, lastFetchedOn ?? 0, lastJobEndedOn ?? 0)
    return count === 0 && now - heard > stillMs
  })
  if (still.length === 0) return 'taken'
  const names = [...new Set(still.map(({ name }) => name))].toSorted().join(', ')
  return { problem: `no answer from the queue for ${stillMs / 1000} s: ${names}` }
}
