import type { CreateArticle } from '../../../commands/articles/create-article.ts'
import type { Caller } from '../../../commands/handle.ts'
import { callKey, settledCall } from '../../../commands/usage/call-ledger.ts'
import { admitToolCall } from '../../../commands/usage/tool-calls.ts'
import type { HttpDeps } from '../../server/http-deps.ts'
import { createAndList } from './create-and-list.ts'

/**
 * Creates an article as the tool create_article does, and counts as its call: the month's limit has no
 * second door. A retry that finds the article there is given back.
 */
export async function createCounted(deps: HttpDeps, caller: Caller, command: CreateArticle) {
  const callId = deps.newId()
  const counted = { ...caller, metadata: { ...caller.metadata, correlation_id: callId } }
  const { guideline, ...rest } = command
  const text = 'text' in guideline ? guideline.text : Buffer.from(guideline).toString()
  const key = callKey(caller.userId, 'create_article', { ...rest, text })
  const call = await admitToolCall(deps, counted, {
    callId,
    tool: 'create_article',
    articleId: null,
    defaults: deps.limits,
  })
  const metadata = { ...counted.metadata, causation_id: call.eventId }
  const { created } = await settledCall(deps, counted, { call, key }, async (repeats) => {
    // A repetition of a call whose answer was lost finds that call's article.
    const articleId = command.articleId ?? repeats ?? callId
    const created = await createAndList(deps, { ...counted, metadata }, { ...command, articleId })
    return { created, settle: created.created ? {} : { refund: 'the article was there already' } }
  })
  return created
}
