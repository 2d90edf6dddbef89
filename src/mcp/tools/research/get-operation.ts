import { z } from 'zod'
import { Refusal } from '../../../errors.ts'
import { isOpen } from '../../../events/articles/article-operations.ts'
import { articleOfOperation } from '../../../projections/runs/operations.ts'
import { operationId as operationIdArgument, waitSeconds } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import { operationAnswer, operationSchema } from '../../runs/operation-answer.ts'
import { waitForOperation } from '../../runs/wait-for-operation.ts'

/** Waits for slow work that another call started. */
export const getOperation = defineTool({
  name: 'get_operation',
  title: 'Wait for running work',
  description:
    'Wait for an operation that a tool left running, and get its result. Costs nothing while the operation is still running, so call it again until it has ended.',
  input: z.strictObject({ operation_id: operationIdArgument(), wait_seconds: waitSeconds() }),
  output: operationSchema(),
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  scope: 'nova:read',
  async run(args, context) {
    const { deps, caller } = context
    const { operation_id: operationId } = args
    const articleId = await articleOfOperation(deps.reader, caller.userId, operationId)
    if (!articleId) throw new Refusal('OPERATION_NOT_FOUND')
    const { article, operation } = await waitForOperation(context, {
      articleId,
      operationId,
      waitSeconds: args.wait_seconds,
    })
    const polled = isOpen(operation.status) ? { settle: { refund: 'still running' } } : {}
    return { ...operationAnswer(article, operation), ...polled }
  },
})
