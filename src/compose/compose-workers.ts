import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { userWebhookSecrets } from '../commands/runs/webhook-signature.ts'
import type { Config } from '../config.ts'
import { keepHouse } from '../jobs/housekeeping.ts'
import { startKeepingBackups } from '../jobs/keep-backups.ts'
import { JobLocks } from '../jobs/queue/job-locks.ts'
import {
  createQueues,
  housekeepingQueueName,
  operationQueueName,
  outcomeQueueName,
  researchQueueName,
  startBoss,
} from '../jobs/queue/job-queues.ts'
import { rescueJobs } from '../jobs/queue/orphaned-jobs.ts'
import { metered } from '../jobs/runs/metered.ts'
import { type ResearchJob, sendResearch, wakeDueRuns } from '../jobs/runs/research-queue.ts'
import { type RunOperationDeps, runOperation } from '../jobs/runs/run-operation.ts'
import { type RunResearchDeps, runResearch } from '../jobs/runs/run-research.ts'
import { type OperationJob, sendOperation } from '../jobs/runs/send-operation.ts'
import {
  type OperatorWebhook,
  type OutcomeJob,
  sendOutcome,
  type TellingDeps,
  tellReceiver,
} from '../jobs/runs/send-outcome.ts'
import { takeJobs, type WorkingQueue } from '../jobs/runs/take-jobs.ts'
import { workQuery } from '../jobs/runs/work-query.ts'
import { workSource } from '../jobs/runs/work-source.ts'
import { wakeProjections, workProjections } from '../jobs/work-projections.ts'
import { projections } from '../projections/registry.ts'
import type { Database } from '../store/database/database.ts'
import type { Outside } from './compose-research.ts'
import type { Stores } from './compose-stores.ts'
import { defaultLimits } from './default-limits.ts'
import { slotsPerUser } from './slots-per-user.ts'

export interface JobQueue extends WorkingQueue {
  enqueue: (job: OperationJob) => Promise<void>
  /** Has a worker take a research run as far as it comes. */
  goOn: (job: ResearchJob) => Promise<void>
}

/** Connects to the queue until `closing`; `working` says whether this process will take jobs too. */
export async function openJobQueue(
  database: Database,
  log: Logger,
  working: boolean,
  closing: AsyncDisposableStack,
): Promise<JobQueue> {
  // Closed after the queue, when no job is worked on any more.
  const locks = new JobLocks(database.connection(), log, closing)
  const boss = await startBoss(database.connection(), { supervise: working, log }, closing)
  await createQueues(
    boss,
    projections.map(({ name }) => name),
  )
  return {
    boss,
    locks,
    enqueue: (job) => sendOperation(boss, database.owner, job),
    goOn: (job) => sendResearch(boss, job),
  }
}

export interface WorkerDeps {
  config: Config
  database: Database
  queue: JobQueue
  commands: Stores
  outside: Outside
  /** The keys of links, and of the secrets of users' webhooks. */
  linkKeys: readonly string[]
  log: Logger
  /** Aborted when the process stops: operations are left where they are. */
  stopping: AbortSignal
}

/** Takes jobs until `closing`: operations, projections, housekeeping. */
export async function startWorkers(deps: WorkerDeps, closing: AsyncDisposableStack): Promise<void> {
  const { queue, stopping } = deps
  const { boss } = queue
  const running = await workProjections(
    { queue, projector: deps.database.projector, signal: deps.commands.signal, log: deps.log },
    projections,
    closing,
  )
  const operationDeps = composeOperations(deps)
  await takeJobs<OperationJob>(
    queue,
    operationQueueName,
    {
      localConcurrency: deps.config.NOVA_OPERATION_SLOTS,
      localGroupConcurrency: slotsPerUser(deps.config),
      pollingIntervalSeconds: 0.5,
      notifyPollingIntervalSeconds: 1,
    },
    (job) =>
      logged(deps, { operation_id: job.operationId }, () =>
        runOperation(operationDeps, job, stopping),
      ),
  )
  const researchDeps = composeRuns(deps)
  await takeJobs<ResearchJob>(
    queue,
    researchQueueName,
    {
      localConcurrency: researchSlots,
      localGroupConcurrency: researchSlotsPerUser,
      pollingIntervalSeconds: 0.5,
      notifyPollingIntervalSeconds: 1,
    },
    (job) => logged(deps, { run_id: job.runId }, () => runResearch(researchDeps, job, stopping)),
  )
  await takeJobs<OutcomeJob>(
    queue,
    outcomeQueueName,
    {
      localConcurrency: outcomeSlots,
      localGroupConcurrency: outcomeSlotsPerUser,
      pollingIntervalSeconds: 1,
      notifyPollingIntervalSeconds: 1,
    },
    (job) => tellReceiver(composeTelling(deps), job, stopping),
  )
  const houseDeps = {
    ...deps.commands,
    owner: deps.database.owner,
    projector: deps.database.projector,
    enqueue: deps.queue.enqueue,
    log: deps.log,
  }
  await boss.schedule(housekeepingQueueName, '* * * * *')
  await takeJobs(queue, housekeepingQueueName, { pollingIntervalSeconds: 5 }, () => {
    // What a process appended that died before it could ask for the folding.
    running.poke()
    return keepHouse(houseDeps, stopping)
  })
  const { NOVA_BACKUP_DIR: path, NOVA_BACKUP_HOURS: hours, NOVA_BACKUP_DAYS: days } = deps.config
  if (path && hours > 0) {
    startKeepingBackups(
      { database: deps.database, path: resolve(path), hours, days, log: deps.log },
      closing,
    )
  }
  wakeDueRuns({ boss, projector: deps.database.projector, log: deps.log }, closing)
  rescueJobs({ boss, owner: deps.database.owner, log: deps.log }, closing)
}

/** Logs an error, since the queue only keeps it for the retry. */
async function logged(
  { stopping, log }: Pick<WorkerDeps, 'stopping' | 'log'>,
  of: object,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!stopping.aborted) log.error({ err: error, ...of }, 'job is tried again')
    throw error
  }
}

/** What a process without workers does until `closing` instead: it asks those that have some. */
export function wakeWorkers(
  { queue, commands, log }: Pick<WorkerDeps, 'queue' | 'commands' | 'log'>,
  closing: AsyncDisposableStack,
): void {
  const { signal } = commands
  const waking = wakeProjections({ boss: queue.boss, signal, log }, projections)
  closing.defer(() => waking.stop())
}

function composeOperations({
  commands,
  outside,
  config,
  queue,
  log,
}: WorkerDeps): RunOperationDeps {
  const cleaner = config.NOVA_MODEL_CLEANING ? outside.model : null
  const { gather, search, prices } = outside
  const meter = { ...commands, prices, log }
  const source = metered(meter, workSource({ ...commands, gather, cleaner, log }))
  const query = metered(meter, workQuery({ ...commands, search, prices, log }))
  return {
    ...commands,
    goOn: queue.goOn,
    workers: { source, query },
  }
}

/** Runs whose fast steps are at work at once in a process; what is slow in them is an operation's. */
const researchSlots = 8
const researchSlotsPerUser = 2

/** Webhooks under way at once in a process. */
const outcomeSlots = 4
const outcomeSlotsPerUser = 2

const operatorWebhook = ({
  NOVA_WEBHOOK_URL: url,
  NOVA_WEBHOOK_SECRET: secret,
}: Config): OperatorWebhook => (url && secret ? { url, secret } : null)

const composeTelling = (deps: WorkerDeps): TellingDeps => ({
  ...deps.commands,
  fetch: deps.outside.fetch,
  operator: operatorWebhook(deps.config),
  secretsOf: (userId) => userWebhookSecrets(deps.linkKeys, userId),
})

const composeRuns = (deps: WorkerDeps): RunResearchDeps => ({
  ...deps.commands,
  limits: defaultLimits(deps.config),
  model: deps.outside.model,
  prices: deps.outside.prices,
  enqueue: deps.queue.enqueue,
  moves: { firstPauseMs: deps.config.NOVA_RUN_RETRY_SECONDS * 1000 },
  tell: (job, { webhook }) =>
    sendOutcome(deps.queue.boss, job, {
      receivers: [
        ...(operatorWebhook(deps.config) ? (['operator'] as const) : []),
        ...(webhook ? (['user'] as const) : []),
      ],
      firstPauseSeconds: deps.config.NOVA_WEBHOOK_RETRY_SECONDS,
    }),
  log: deps.log,
})
