import { parentPort } from 'node:worker_threads'
import { convert } from './extraction/convert.ts'
import type { WorkerAnswer, WorkerTask } from './extraction/worker-messages.ts'
import { SourceFailure } from './source-failure.ts'

/*
 * Runs in its own thread: the libraries that read pages are large, and their work is synchronous, so only
 * ending the thread can stop them. One task at a time; see extraction-pool.ts.
 */
parentPort?.on('message', (task: WorkerTask) => {
  answer(task).then(
    (message) => parentPort?.postMessage(message),
    (error: unknown) => {
      throw error
    },
  )
})

async function answer({ id, request }: WorkerTask): Promise<WorkerAnswer> {
  try {
    return { id, converted: await convert(request) }
  } catch (error) {
    if (error instanceof SourceFailure) {
      return { id, failure: { reason: error.reason, detail: error.detail } }
    }
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      return { id, failure: { reason: 'EXTRACTION_FAILED', detail: 'nested too deeply' } }
    }
    return { id, broken: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
