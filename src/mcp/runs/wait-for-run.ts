import { loadArticle } from '../../commands/articles/article-stream.ts'
import { runOf } from '../../commands/runs/research-run.ts'
import { stepNote } from '../../commands/runs/run-view.ts'
import { articleStream } from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { ResearchRun } from '../../events/runs/run-state.ts'
import type { ToolContext } from '../protocol/tool-context.ts'
import { itemView } from './operation-answer.ts'
import { progressMessage } from './wait-for-operation.ts'

/**
 * Waits until the run asks or ends, the time is over, or client or server go away, and tells the client of every
 * step and item on the way. The run is the workers', so ending the wait ends nothing else.
 */
export async function waitForRun(
  context: ToolContext,
  articleId: string,
  runId: string,
  waitSeconds: number,
): Promise<{ article: ExistingArticle; run: ResearchRun }> {
  const { deps, caller } = context
  const signal = AbortSignal.any([context.signal, deps.stopping])
  const deadline = performance.now() + waitSeconds * 1000
  const stream = { userId: caller.userId, streamId: articleStream(articleId) }
  const told = new Set<string>()
  for (;;) {
    const { article, version } = await loadArticle(deps.store, caller.userId, articleId)
    const run = runOf(article, runId)
    for (const { key, message, known } of happenings(article, run)) {
      if (told.has(key)) continue
      told.add(key)
      await context.progress(told.size, Math.max(known, told.size), message)
    }
    const timeoutMs = deadline - performance.now()
    if (run.status !== 'running' || timeoutMs <= 0 || signal.aborted) return { article, run }
    await deps.store.waitForChange(stream, version, { timeoutMs, signal })
  }
}

/** What has happened in a run so far, each with a name of its own: steps begun, items done, steps ended. */
function happenings(article: ExistingArticle, run: ResearchRun) {
  const known = run.steps.reduce(
    (sum, { callId }) => sum + 2 + (article.operations.get(callId)?.items.length ?? 0),
    0,
  )
  return run.steps.flatMap((step) => {
    const { number, tool, state } = step
    const operation = article.operations.get(step.callId)
    const items = operation ? [...operation.succeeded, ...operation.failed] : []
    const note = stepNote(article, run, step)
    return [
      { key: `${number} begun`, message: `step ${number}: ${tool}`, known },
      ...items.map((item) => ({
        key: `${number} item ${item}`,
        message: operation ? progressMessage(itemView(article, operation, item)) : '',
        known,
      })),
      ...(state === 'begun'
        ? []
        : [
            {
              key: `${number} ended`,
              message: `step ${number}: ${state}${note && `, ${note}`}`,
              known,
            },
          ]),
    ]
  })
}
