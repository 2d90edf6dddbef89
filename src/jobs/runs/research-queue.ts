import type pg from 'pg'
import type { PgBoss } from 'pg-boss'
import type { Log } from '../../log.ts'
import { researchQueueName } from '../queue/job-queues.ts'

/** Where a research run is; ids only, since job rows are readable without row-level security. */
export interface ResearchJob {
  userId: string
  articleId: string
  runId: string
}

/** Has a worker look at the run. Sent while one does, it has it looked at again. */
export async function sendResearch(boss: PgBoss, job: ResearchJob): Promise<void> {
  await boss.send(researchQueueName, job, {
    singletonKey: job.runId,
    group: { id: job.userId },
  })
}

const lookMs = 3000
/** Longer than any message takes to its worker, so that only a lost one is sent again. */
const lostAfter = '20 seconds'
const runsMax = 200

/** Until `closing`, looks for runs whose time has come, and for those whose message was lost with a process. */
export function wakeDueRuns(
  { boss, projector, log }: { boss: PgBoss; projector: pg.Pool; log: Log },
  closing: AsyncDisposableStack,
): void {
  let looking = Promise.resolve()
  const look = async () => {
    try {
      for (const job of await dueRuns(projector)) await sendResearch(boss, job)
    } catch (error) {
      log.warn({ err: error }, 'research runs not looked for')
    }
    timer = setTimeout(next, lookMs)
  }
  const next = () => {
    looking = look()
  }
  let timer = setTimeout(next, lookMs)
  closing.defer(async () => {
    clearTimeout(timer)
    await looking
    clearTimeout(timer)
  })
}

async function dueRuns(projector: pg.Pool): Promise<ResearchJob[]> {
  const { rows } = await projector.query<ResearchJob>(
    `select r.user_id as "userId", r.article_id as "articleId", r.run_id as "runId"
     from nova.runs r
     where (r.status = 'paused' and r.resumes_at <= now())
        or (r.status = 'running' and r.updated_at < now() - $1::interval and not exists (
              select from nova.operations o
              where o.user_id = r.user_id and o.article_id = r.article_id and o.status = 'running'))
     limit $2`,
    [lostAfter, runsMax],
  )
  return rows
}
