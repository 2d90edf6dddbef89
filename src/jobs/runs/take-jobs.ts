import type { Job, PgBoss, WorkOptions } from 'pg-boss'
import type { JobLocks } from '../queue/job-locks.ts'

/** A queue whose jobs this process takes. */
export interface WorkingQueue {
  boss: PgBoss
  locks: JobLocks
}

/** Takes the jobs of one queue, one at a time for each of its workers, each under its lock. */
export async function takeJobs<Data extends object>(
  { boss, locks }: WorkingQueue,
  name: string,
  options: Omit<WorkOptions, 'batchSize'>,
  work: (job: Data) => Promise<void>,
): Promise<void> {
  const workOne = async ([job]: Job<Data>[]) => {
    if (job) await locks.hold(job.id, () => work(job.data))
  }
  await boss.work<Data>(name, { ...options, batchSize: 1 }, workOne)
}
