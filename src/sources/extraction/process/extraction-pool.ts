import { availableParallelism } from 'node:os'
import { SourceFailure } from '../../source-failure.ts'
import type { ConvertRequest } from '../convert-request.ts'
import { createExtractionLane, type Job } from './extraction-lane.ts'
import type { ExtractionSettings } from './extraction-settings.ts'
import { currentShare } from './extraction-share.ts'
import type { ExtractionTask, ExtractionTasks, TaskKind } from './extraction-tasks.ts'
import { nextJob } from './next-job.ts'

/** Does what takes long with outside text in threads of its own. */
export interface ExtractionPool {
  /** Throws SourceFailure: the converter's reasons, EXTRACTION_TIMEOUT, or EXTRACTION_FAILED for a crash. */
  run: <Kind extends TaskKind>(
    kind: Kind,
    input: ExtractionTasks[Kind]['input'],
    signal?: AbortSignal,
  ) => Promise<ExtractionTasks[Kind]['output']>
  /** `run` for a page. */
  convert: (
    request: ConvertRequest,
    signal?: AbortSignal,
  ) => Promise<ExtractionTasks['page']['output']>
  close: () => Promise<void>
}

/** What a pool is made of: something that runs tasks of any kind, for a share. */
export interface TaskRunner {
  run: (task: ExtractionTask, share: string, signal?: AbortSignal) => Promise<unknown>
  close: () => Promise<void>
}

export function poolOf({ run, close }: TaskRunner): ExtractionPool {
  const typed: ExtractionPool['run'] = (kind, input, signal) =>
    // The one place where a task's kind and the type of its output meet.
    run({ kind, input } as ExtractionTask, currentShare(), signal) as Promise<never>
  return { run: typed, convert: (request, signal) => typed('page', request, signal), close }
}

/** A single task waits this long behind another one before a second thread is worth its start. */
const patienceMs = 1_000
const lanesMax = 3

/**
 * One thread, and more while tasks wait: at once when two do, else when one has waited behind a slow one.
 * Only where the machine has the memory for it, so a page that costs its limit costs nobody else. Users take
 * turns, and one user has at most two of the three threads: another user's task never waits for both.
 */
export function createTaskRunner(settings: ExtractionSettings): TaskRunner {
  const waiting: Job[] = []
  const served = new Map<string, number>()
  let turns = 0
  const lanes = Array.from({ length: lanesMax }, () =>
    createExtractionLane(settings, () => {
      const job = nextJob(waiting, running(), served, lanesMax - 1)
      if (job) served.set(job.share, ++turns)
      if (waiting.length === 0 && running().length === 0) served.clear()
      return job
    }),
  )
  let patience: NodeJS.Timeout | undefined
  let closed = false

  const running = () => lanes.flatMap((lane) => lane.current() ?? [])
  const widen = () => {
    for (const lane of lanes) {
      if (waiting.length === 0) return
      if (lane.isStarted() || hasRoom(settings, waiting, running())) lane.wake()
    }
  }
  const startNext = () => {
    lanes[0]?.wake()
    clearTimeout(patience)
    if (waiting.length > 1) widen()
    else if (waiting.length === 1) patience = setTimeout(widen, patienceMs)
  }

  return {
    run(task, share, signal) {
      const done = Promise.withResolvers<unknown>()
      const job: Job = { task, share, resolve: done.resolve, reject: done.reject }
      if (closed || signal?.aborted) return Promise.reject(new SourceFailure('CANCELLED'))
      const onAbort = () => cancel(job)
      signal?.addEventListener('abort', onAbort, { once: true })
      waiting.push(job)
      startNext()
      return done.promise.finally(() => signal?.removeEventListener('abort', onAbort))
    },
    async close() {
      closed = true
      clearTimeout(patience)
      for (const job of waiting.splice(0)) job.reject(new SourceFailure('CANCELLED'))
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }

  function cancel(job: Job): void {
    const index = waiting.indexOf(job)
    if (index >= 0) waiting.splice(index, 1)[0]?.reject(new SourceFailure('CANCELLED'))
    else lanes.some((lane) => lane.cancel(job))
  }
}

/**
 * Counts what the container may use, not what the machine has. On one core a second thread makes nothing
 * faster, but it lets a user pass whom another one's slow task would hold up.
 */
function hasRoom(
  { memoryMegabytes = 640 }: ExtractionSettings,
  waiting: readonly Job[],
  running: readonly Job[],
): boolean {
  const isOther = waiting.some(({ share }) => running.every((job) => job.share !== share))
  const isUseful = isOther || availableParallelism() > 1
  return isUseful && process.availableMemory() > 1.5 * memoryMegabytes * 2 ** 20
}
