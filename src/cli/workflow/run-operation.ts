import { isOpen } from '../../events/articles/article-operations.ts'
import type { ToolCaller } from './connect-mcp.ts'
import type { Watch } from './run-events.ts'
import { type OperationAnswer, operationAnswer } from './tool-answers.ts'

/** Seconds a call waits before it answers that the work goes on. */
const waitSeconds = 50

/** Calls a slow tool and follows its operation to the end, however many calls that takes. */
export async function runOperation(
  nova: ToolCaller,
  watch: Watch,
  tool: string,
  articleId: string,
): Promise<OperationAnswer> {
  const args = { article_id: articleId, wait_seconds: waitSeconds }
  const first = await nova.call(tool, args, operationAnswer, (progress) =>
    watch({ kind: 'progress', tool, progress }),
  )
  let answer = first
  while (isOpen(answer.status)) {
    const followed = { operation_id: answer.operation_id, wait_seconds: waitSeconds }
    answer = await nova.call('get_operation', followed, operationAnswer, (progress) =>
      watch({ kind: 'progress', tool, progress }),
    )
  }
  watch({ kind: 'operation', tool, answer })
  return answer
}
