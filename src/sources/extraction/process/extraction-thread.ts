import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { WorkerAnswer, WorkerMessage } from './worker-messages.ts'

/** What happens in the thread; after `ended` nothing more comes. */
export interface ThreadEvents {
  ready: () => void
  answer: (message: WorkerAnswer) => void
  /** Detail for the source, and a report when it was our fault. */
  ended: (detail: string | undefined, bug: string | undefined) => void
}

/** Starts the thread that converts, with nothing of this process but the messages it gets. */
export function startExtractionThread(memoryMegabytes: number, on: ThreadEvents): Worker {
  const thread = new Worker(
    new URL(`./extraction-worker${extname(import.meta.url)}`, import.meta.url),
    {
      resourceLimits: {
        maxOldGenerationSizeMb: memoryMegabytes,
        // Pages with thousands of unclosed tags are common, and tree walks recurse.
        stackSizeMb: 24,
      },
      // The keys are in the environment, and the thread reads what strangers wrote.
      env: {},
      execArgv: [],
      // Libraries print warnings; standard output may belong to a protocol.
      stdout: true,
      stderr: true,
    },
  )
  thread.stdout.resume()
  thread.stderr.resume()
  thread.on('message', (message: WorkerMessage) => {
    if (message === 'ready') on.ready()
    else on.answer(message)
  })
  thread.on('error', (error) => {
    if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      on.ended('it needs too much memory', undefined)
    } else on.ended(undefined, error.stack ?? error.message)
  })
  thread.on('exit', () => on.ended(undefined, undefined))
  return thread
}
