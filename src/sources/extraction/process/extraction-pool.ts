import { availableParallelism } from 'node:os'
import { SourceFailure } from '../../source-failure.ts'
import type { ConvertRequest } from '../convert-request.ts'
import type { Converted } from '../converted.ts'
import { createExtractionLane, type Job } from './extraction-lane.ts'
import type { ExtractionSettings } from './extraction-settings.ts'

/** Turns answers into Markdown in threads of its own. */
export interface ExtractionPool {
  /** Throws SourceFailure: the converter's reasons, EXTRACTION_TIMEOUT, or EXTRACTION_FAILED for a crash. */
  convert: (request: ConvertRequest, signal?: AbortSignal) => Promise<Converted>
  close: () => Promise<void>
}

/** A single page waits this long behind another one before a second thread is worth its start. */
const patienceMs = 1_000

/**
 * One thread, and a second one while pages wait: at once when two do, else when one has waited behind a slow
 * page. Only where the machine has the memory for it, so a page that costs its limit costs nobody else.
 */
export function createExtractionPool(settings: ExtractionSettings = {}): ExtractionPool {
  const waiting: Job[] = []
  const next = () => waiting.shift()
  const first = createExtractionLane(settings, next)
  const second = createExtractionLane(settings, next)
  let patience: NodeJS.Timeout | undefined
  let closed = false

  const widen = () => {
    if (waiting.length > 0 && (second.isBusy() || hasRoom(settings))) second.wake()
  }
  const startNext = () => {
    first.wake()
    clearTimeout(patience)
    if (waiting.length > 1) widen()
    else if (waiting.length === 1) patience = setTimeout(widen, patienceMs)
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
      clearTimeout(patience)
      for (const job of waiting.splice(0)) job.reject(new SourceFailure('CANCELLED'))
      await Promise.all([first.close(), second.close()])
    },
  }

  function cancel(job: Job): void {
    const index = waiting.indexOf(job)
    if (index >= 0) waiting.splice(index, 1)[0]?.reject(new SourceFailure('CANCELLED'))
    else if (!first.cancel(job)) second.cancel(job)
  }
}

/** Counts what the container may use, not what the machine has. */
const hasRoom = ({ memoryMegabytes = 640 }: ExtractionSettings): boolean =>
  availableParallelism() > 1 && process.availableMemory() > 1.5 * memoryMegabytes * 2 ** 20
