import type { Job } from './extraction-lane.ts'

/** Somebody waits for the answer of these; pages are read by operations in the background. */
const isWaitedFor = (job: Job): boolean => job.task.kind !== 'page'

/**
 * Takes the next job out of `waiting`: of the user with the fewest running, then of the one served longest
 * ago. A user who has `shareMax` running gets none. `served` says in which turn each user was served last.
 */
export function nextJob(
  waiting: Job[],
  running: readonly Job[],
  served: ReadonlyMap<string, number>,
  shareMax: number,
): Job | undefined {
  const runningOf = (job: Job) => running.filter(({ share }) => share === job.share).length
  const [first] = waiting
    .map((job, place) => ({ job, place, running: runningOf(job) }))
    .filter((one) => one.running < shareMax)
    .sort(
      (a, b) =>
        a.running - b.running ||
        (served.get(a.job.share) ?? 0) - (served.get(b.job.share) ?? 0) ||
        Number(isWaitedFor(b.job)) - Number(isWaitedFor(a.job)) ||
        a.place - b.place,
    )
  if (first) waiting.splice(first.place, 1)
  return first?.job
}
