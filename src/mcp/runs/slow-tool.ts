import { z } from 'zod'
import type { ProposedQueries } from '../../commands/articles/generate-queries.ts'
import { startOperation } from '../../commands/runs/start-operation.ts'
import { isOpen } from '../../events/articles/article-operations.ts'
import type { SlowTool } from '../../events/articles/slow-tools.ts'
import { articleId, waitSeconds } from '../protocol/arguments.ts'
import { defineTool, type Tool, type ToolAnswer, type ToolHints } from '../protocol/define-tool.ts'
import type { ToolContext } from '../protocol/tool-context.ts'
import { operationTask } from './article-tasks.ts'
import {
  nothingToDo,
  type OperationAnswer,
  operationAnswer,
  operationSchema,
} from './operation-answer.ts'
import { followOperation } from './wait-for-operation.ts'

/** Slow tools fetch from the open web, add to the article, and go on where they stopped. */
export const slowHints: ToolHints = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
}

/** A slow tool that takes nothing but its article: what it reads follows from its row in the table of slow tools. */
export const defineReadingTool = (spec: {
  name: SlowTool
  title: string
  description: string
}): Tool =>
  defineTool({
    ...spec,
    input: z.strictObject({ article_id: articleId(), wait_seconds: waitSeconds() }),
    output: operationSchema(),
    hints: slowHints,
    scope: 'nova:write',
    run: (args, context) =>
      runSlowTool(context, {
        tool: spec.name,
        articleId: args.article_id,
        waitSeconds: args.wait_seconds,
      }),
  })

/**
 * Starts the tool's operation, or joins the one that is running, and waits for a while; a client that polls tasks
 * gets the operation as a task at once. A client that
 * cancels or disconnects ends only the waiting: the operation goes on, and the same call again joins it.
 * cancel_operation is the way to end the work itself.
 */
export async function runSlowTool(
  context: ToolContext,
  wanted: {
    tool: SlowTool
    articleId: string
    waitSeconds: number
    queries?: ProposedQueries['queries']
  },
): Promise<ToolAnswer<OperationAnswer>> {
  const { deps, caller } = context
  const started = await startOperation(deps, caller, {
    articleId: wanted.articleId,
    tool: wanted.tool,
    ...(wanted.queries && { queries: wanted.queries }),
    operationId: context.callId,
    repeats: context.repeats,
    month: context.call.month,
    weight: context.call.weight,
    operationsMax: context.call.concurrentOperations,
  })
  if (!started.operation) {
    return { ...nothingToDo(started.article), settle: { refund: 'nothing to do' } }
  }
  const begun = { article: started.article, operation: started.operation }
  const { tasks } = context.abilities
  const waitSeconds = tasks ? 0 : wanted.waitSeconds
  const { article, operation } = await followOperation(context, begun, waitSeconds)
  return {
    ...operationAnswer(article, operation),
    ...(tasks && isOpen(operation.status) && { task: operationTask(article, operation) }),
    settle: started.joined ? { refund: 'joined a running operation' } : 'by_job',
  }
}
