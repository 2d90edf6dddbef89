import { SourceFailure } from '../../source-failure.ts'
import { createTaskRunner, type TaskRunner } from './extraction-pool.ts'
import type { HostAnswer, HostOrder } from './host-messages.ts'

/*
 * Runs in its own process, started by extraction-process.ts: what a page costs in memory is then never the
 * server's. The thread inside is what gives a page a deep stack and can be ended in the middle of its work.
 */
const running = new Map<number, AbortController>()
let runner: TaskRunner | undefined

process.on('message', (order: HostOrder) => {
  if ('limits' in order) {
    runner = createTaskRunner({ ...order.limits, onBug: (bug) => tell({ bug }) })
  } else if ('cancel' in order) {
    running.get(order.cancel)?.abort()
  } else void work(order)
})
// The server is gone, by whatever end: nobody is left to answer.
process.on('disconnect', () => process.exit())

async function work(order: Extract<HostOrder, { run: number }>): Promise<void> {
  const caller = new AbortController()
  running.set(order.run, caller)
  try {
    const output = await runner?.run(order.task, order.share, caller.signal)
    tell({ done: order.run, answer: { output } })
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error
    const { reason, detail } = error
    tell({ done: order.run, answer: { failure: { reason, detail } } })
  } finally {
    running.delete(order.run)
  }
}

function tell(answer: HostAnswer): void {
  process.send?.(answer)
}
