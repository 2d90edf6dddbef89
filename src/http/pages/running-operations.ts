import { openOperations } from '../../events/articles/article-operations.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { slowTools } from '../../events/articles/slow-tools.ts'
import { type Html, html } from './html.ts'

/** What is going on right now, each with how far it is. */
export function runningOperations(article: ExistingArticle): Html | null {
  const running = openOperations(article)
  if (running.length === 0) return null
  return html`<section class="card working" aria-label="In progress">
${running.map((operation) => {
  const { label } = slowTools[operation.tool]
  const total = operation.items.length
  const done = operation.succeeded.length + operation.failed.length
  const failed = operation.failed.length
  return html`<div class="operation"><p><strong>${label}</strong>
<span class="fine">${done} of ${total}${failed > 0 && `, ${failed} failed`}${operation.status === 'cancelling' && ', stopping'}</span></p>
<progress max="${total}" value="${done}" aria-label="${label}"></progress></div>`
})}
</section>`
}
