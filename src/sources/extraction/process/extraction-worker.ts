import { parentPort } from 'node:worker_threads'
import { SourceFailure } from '../../source-failure.ts'
import type { ExtractionTask } from './extraction-tasks.ts'
import type { WorkerAnswer } from './worker-messages.ts'

/*
 * Runs in its own thread: the libraries that read pages are large, and their work is synchronous, so only
 * ending the thread can stop them. One task at a time; see extraction-pool.ts.
 */
parentPort?.on('message', (task: ExtractionTask) => {
  answer(task).then(
    (message) => parentPort?.postMessage(message),
    (error: unknown) => {
      throw error
    },
  )
})

async function answer(task: ExtractionTask): Promise<WorkerAnswer> {
  try {
    const work = await prepare(task)
    parentPort?.postMessage('ready')
    return { output: await work() }
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

/** Each kind loads only what it needs: a guideline does not wait for the readers of PDF and Word. */
async function prepare(task: ExtractionTask): Promise<() => unknown> {
  switch (task.kind) {
    case 'page': {
      const { convert } = await import('../convert.ts')
      return () => convert(task.input)
    }
    case 'links': {
      const { linksInGuideline } = await import('../../guideline/guideline-links.ts')
      return () => linksInGuideline(task.input)
    }
    case 'notebook': {
      const { plainNotebook } = await import('../../files/notebook.ts')
      return () => plainNotebook(task.input)
    }
  }
}
