import { parentPort } from 'node:worker_threads'
import { SourceFailure } from '../../source-failure.ts'
import { convert } from '../convert.ts'
import type { ConvertRequest } from '../convert-request.ts'
import type { WorkerAnswer } from './worker-messages.ts'

/*
 * Runs in its own thread: the libraries that read pages are large, and their work is synchronous, so only
 * ending the thread can stop them. One task at a time; see extraction-pool.ts.
 */
parentPort?.on('message', (request: ConvertRequest) => {
  answer(request).then(
    (message) => parentPort?.postMessage(message),
    (error: unknown) => {
      throw error
    },
  )
})

parentPort?.postMessage('ready')

async function answer(request: ConvertRequest): Promise<WorkerAnswer> {
  try {
    return { converted: await convert(request) }
  } catch (error) {
    if (error instanceof SourceFailure) {
      return { failure: { reason: error.reason, detail: error.detail } }
    }
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      return { failure: { reason: 'EXTRACTION_FAILED', detail: 'nested too deeply' } }
    }
    return { broken: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
