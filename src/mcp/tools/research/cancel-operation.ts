import { z } from 'zod'
import { cancelOperation as cancel } from '../../../commands/runs/finish-operation.ts'
import { Refusal } from '../../../errors.ts'
import { articleOfOperation } from '../../../projections/runs/operations.ts'
import { operationId } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import { operationAnswer, operationSchema } from '../../runs/operation-answer.ts'
import { followOperation, operationOf } from '../../runs/wait-for-operation.ts'

/** Items in flight are aborted within moments; the call gives them that long. */
const settlingSeconds = 5

/** The only way to end slow work: a client that goes away does not. */
export const cancelOperation = defineTool({
  name: 'cancel_operation',
  title: 'Cancel running work',
  description:
    'Cancel an operation that is still running. What it has done so far is kept; the rest can be done by calling its tool again.',
  input: z.strictObject({ operation_id: operationId() }),
  output: operationSchema(),
  hints: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  scope: 'nova:write',
  async run(args, context) {
    const { deps, caller } = context
    const id = args.operation_id
    const articleId = await articleOfOperation(deps.reader, caller.userId, id)
    if (!articleId) throw new Refusal('OPERATION_NOT_FOUND')
    const cancelled = await cancel(deps, caller, { articleId, operationId: id })
    // If its worker is gone, the next one finds the cancellation and ends the operation.
    const { article, operation } = await followOperation(
      context,
      { article: cancelled.article, operation: operationOf(cancelled.article, id) },
      settlingSeconds,
    )
    return operationAnswer(article, operation)
  },
})
