import type { Worker } from 'node:worker_threads'
import { SourceFailure } from '../../source-failure.ts'
import type { ConvertRequest } from '../convert-request.ts'
import type { Converted } from '../converted.ts'
import type { ExtractionSettings } from './extraction-settings.ts'
import { startExtractionThread } from './extraction-thread.ts'
import type { WorkerAnswer } from './worker-messages.ts'

export interface Job {
  request: ConvertRequest
  resolve: (converted: Converted) => void
  reject: (failure: SourceFailure) => void
}

/** One thread's work: it takes the next job whenever it is free. */
export interface ExtractionLane {
  isBusy: () => boolean
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
    if (!worker) {
      ready = false
      worker = startWorker()
    }
    worker.ref()
    startLimit()
    worker.postMessage(current.request)
  }
  /** Loading the libraries is not the page's fault, so its time begins when they are there. */
  function startLimit(): void {
    clearTimeout(limit)
    if (!current) return
    const ms = ready ? (settings.timeoutMs ?? 30_000) : startMs
    limit = setTimeout(() => giveUp(new SourceFailure('EXTRACTION_TIMEOUT')), ms)
  }

  return {
    isBusy: () => current !== undefined,
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
  if ('converted' in message) job.resolve(message.converted)
  else if ('failure' in message) {
    job.reject(new SourceFailure(message.failure.reason, message.failure.detail))
  } else {
    settings.onBug?.(message.broken)
    job.reject(new SourceFailure('EXTRACTION_FAILED'))
  }
}
