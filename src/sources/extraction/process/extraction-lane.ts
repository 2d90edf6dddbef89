import type { Worker } from 'node:worker_threads'
import { SourceFailure } from '../../source-failure.ts'
import type { ExtractionSettings } from './extraction-settings.ts'
import type { ExtractionTask } from './extraction-tasks.ts'
import { startExtractionThread } from './extraction-thread.ts'
import type { WorkerAnswer } from './worker-messages.ts'

export interface Job {
  task: ExtractionTask
  /** Whose it is; see extraction-share.ts. */
  share: string
  resolve: (output: unknown) => void
  reject: (failure: SourceFailure) => void
}

/** One thread's work: it takes the next job whenever it is free. */
export interface ExtractionLane {
  /** The job in hand. */
  current: () => Job | undefined
  /** Its thread is there, so that using it costs no start. */
  isStarted: () => boolean
  /** Looks for a job when it has none. */
  wake: () => void
  /** Ends the job if this lane works on it; false if not. */
  cancel: (job: Job) => boolean
  close: () => Promise<void>
}

const startMs = 60_000

/** A thread, started with its first job and ended when idle, too slow or too large: that costs one page. */
export function createExtractionLane(
  settings: ExtractionSettings,
  next: () => Job | undefined,
): ExtractionLane {
  let current: Job | undefined
  let worker: Worker | undefined
  let limit: NodeJS.Timeout | undefined
  let idle: NodeJS.Timeout | undefined
  let ready = false
  let closed = false

  const dropWorker = async () => {
    const dropped = worker
    worker = undefined
    dropped?.removeAllListeners()
    dropped?.on('error', () => undefined)
    await dropped?.terminate()
  }
  const settle = (end: (job: Job) => void) => {
    clearTimeout(limit)
    const job = current
    current = undefined
    if (job) end(job)
    wake()
  }
  const giveUp = (failure: SourceFailure) => {
    void dropWorker()
    settle((job) => job.reject(failure))
  }
  const startWorker = () =>
    startExtractionThread(settings.memoryMegabytes ?? 640, {
      ready() {
        ready = true
        startLimit()
      },
      answer: (message) => settle((job) => finish(job, message, settings)),
      ended(detail, bug) {
        if (bug) settings.onBug?.(bug)
        giveUp(new SourceFailure('EXTRACTION_FAILED', detail))
      },
    })
  function wake(): void {
    if (current || closed) return
    current = next()
    clearTimeout(idle)
    if (!current) {
      idle = setTimeout(() => void dropWorker(), settings.idleMs ?? 20_000)
      idle.unref()
      worker?.unref()
      return
    }
    ready = false
    worker ??= startWorker()
    worker.ref()
    startLimit()
    worker.postMessage(current.task)
  }
  /** Loading the libraries is not the task's fault, so its time begins when they are there. */
  function startLimit(): void {
    clearTimeout(limit)
    if (!current) return
    const ms = ready ? (settings.timeoutMs ?? 30_000) : startMs
    limit = setTimeout(() => giveUp(new SourceFailure('EXTRACTION_TIMEOUT')), ms)
  }

  return {
    current: () => current,
    isStarted: () => worker !== undefined,
    wake,
    cancel(job) {
      if (job !== current) return false
      giveUp(new SourceFailure('CANCELLED'))
      return true
    },
    async close() {
      closed = true
      clearTimeout(idle)
      clearTimeout(limit)
      current?.reject(new SourceFailure('CANCELLED'))
      current = undefined
      await dropWorker()
    },
  }
}

function finish(job: Job, message: WorkerAnswer, settings: ExtractionSettings): void {
  if ('output' in message) job.resolve(message.output)
  else if ('failure' in message) {
    job.reject(new SourceFailure(message.failure.reason, message.failure.detail))
  } else {
    settings.onBug?.(message.broken)
    job.reject(new SourceFailure('EXTRACTION_FAILED'))
  }
}
