import { type CreateArticle, createArticle } from '../../../commands/articles/create-article.ts'
import type { Caller } from '../../../commands/handle.ts'
import type { HttpDeps } from '../../server/http-deps.ts'

/** Creates an article and waits (at most two seconds) until the caller's list shows it. */
export async function createAndList(deps: HttpDeps, caller: Caller, command: CreateArticle) {
  const created = await createArticle(deps, caller, command)
  if (created.appended) await deps.projections.waitFor(['articles'], created.appended.position)
  return created
}
