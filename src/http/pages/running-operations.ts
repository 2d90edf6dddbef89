import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { type Html, html } from './html.ts'

const doing = {
  scrape_and_clean_other_urls: 'Reading web pages',
  process_github_urls: 'Reading repositories',
  transcribe_youtube_urls: 'Transcribing videos',
  run_perplexity_research: 'Asking the web',
  scrape_research_urls: 'Reading results in full',
} as const

/** What is going on right now, each with how far it is. */
export function runningOperations(article: ExistingArticle): Html | null {
  const running = [...article.operations.values()].filter(
    (operation) => operation.status === 'running' || operation.status === 'cancelling',
  )
  if (running.length === 0) return null
  return html`<section class="card working" aria-label="In progress">
${running.map((operation) => {
  const total = operation.items.length
  const done = operation.succeeded.length + operation.failed.length
  const failed = operation.failed.length
  return html`<div class="operation"><p><strong>${doing[operation.tool]}</strong>
<span class="fine">${done} of ${total}${failed > 0 && `, ${failed} failed`}${operation.status === 'cancelling' && ', stopping'}</span></p>
<progress max="${total}" value="${done}" aria-label="${doing[operation.tool]}"></progress></div>`
})}
</section>`
}
