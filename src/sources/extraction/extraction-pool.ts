import type { Worker } from 'node:worker_threads'
import { SourceFailure } from '../source-failure.ts'
import type { ConvertRequest } from './convert-request.ts'
import type { Converted } from './converted.ts'
import { startExtractionThread } from './extraction-thread.ts'
import type { WorkerAnswer } from './worker-messages.ts'

/** Turns answers into Markdown in a thread of its own. */
export interface ExtractionPool {
  /** Throws SourceFailure: the converter's reasons, EXTRACTION_TIMEOUT, or EXTRACTION_FAILED for a crash. */
  convert: (request: ConvertRequest, signal?: AbortSignal) => Promise<Converted>
  close: () => Promise<void>
}

export interface ExtractionSettings {
  /** Time one source may take; default 30 seconds. */
  timeoutMs?: number
  /** JavaScript heap of the thread, in megabytes; default 640. */
  memoryMegabytes?: number
  /** The thread ends after this long without work; default 20 seconds. */
  idleMs?: number
  /** Where its own bugs are told; a source that breaks a converter is recorded as failed either way. */
  onBug?: (report: string) => void
}

const startMs = 60_000

interface Job {
  request: ConvertRequest
  resolve: (converted: Converted) => void
  reject: (failure: SourceFailure) => void
}

/** One thread, started with the first task and ended when idle, too slow or too large: that costs one page. */
export function createExtractionPool(settings: ExtractionSettings = {}): ExtractionPool {
  const waiting: Job[] = []
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
    startNext()
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
  function startNext(): void {
    if (current || closed) return
    current = waiting.shift()
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
    convert(request, signal) {
      const done = Promise.withResolvers<Converted>()
      const job: Job = { request, resolve: done.resolve, reject: done.reject }
      if (closed || signal?.aborted) return Promise.reject(new SourceFailure('CANCELLED'))
      const onAbort = () => cancel(job)
      signal?.addEventListener('abort', onAbort, { once: true })
      waiting.push(job)
      startNext()
      return done.promise.finally(() => signal?.removeEventListener('abort', onAbort))
    },
    async close() {
      closed = true
      clearTimeout(idle)
      clearTimeout(limit)
      for (const job of [current, ...waiting.splice(0)]) job?.reject(new SourceFailure('CANCELLED'))
      current = undefined
      await dropWorker()
    },
  }

  function cancel(job: Job): void {
    const index = waiting.indexOf(job)
    if (index >= 0) waiting.splice(index, 1)[0]?.reject(new SourceFailure('CANCELLED'))
    else if (job === current) giveUp(new SourceFailure('CANCELLED'))
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
