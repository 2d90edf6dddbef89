import { z } from 'zod'
import { cancelOperation as cancel } from '../../commands/finish-operation.ts'
import { Refusal } from '../../errors.ts'
import { findOperation } from '../../projections/operations.ts'
import { operationId } from '../arguments.ts'
import { defineTool } from '../define-tool.ts'
import { operationAnswer, operationSchema } from '../operation-answer.ts'
import { waitForOperation } from '../wait-for-operation.ts'

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
    const row = await findOperation(deps.reader, caller.userId, args.operation_id)
    if (!row) throw new Refusal('OPERATION_NOT_FOUND')
    const { article_id: articleId, operation_id: id } = row
    await cancel(deps, caller, { articleId, operationId: id })
    // If its worker is gone, the next one finds the cancellation and ends the operation.
    await deps.operations.enqueue({ userId: caller.userId, articleId, operationId: id })
    const { article, operation } = await waitForOperation(context, {
      articleId,
      operationId: id,
      waitSeconds: settlingSeconds,
    })
    return operationAnswer(article, operation)
  },
})
