import type { ArticleQuery, ExistingArticle } from '../../events/articles/article-state.ts'
import { type Html, html } from './html.ts'

/** What was asked, round by round, why, and what came of it. */
export function queryRounds(article: ExistingArticle): Html | null {
  const rounds = Map.groupBy(article.queries.values(), (query) => query.round)
  if (rounds.size === 0) return null
  return html`<section aria-labelledby="queries">
<h2 id="queries">Questions asked</h2>
${[...rounds].map(
  ([round, queries]) => html`<details id="round-${round}"${round === article.rounds && html` open`}>
<summary>Round ${round} <span class="count">${queries.length}</span></summary>
<ol class="queries">
${queries.map(
  (query) => html`<li><strong>${query.query}</strong>
<span class="state ${tone[query.state]}">${outcome(query)}</span>
<span class="fine">${query.reason}</span></li>`,
)}
</ol>
</details>`,
)}
</section>`
}

const tone = { waiting: 'later', answered: 'good', failed: 'bad' } as const

function outcome(query: ArticleQuery): string {
  if (query.state === 'waiting') return 'waiting'
  if (query.state === 'failed') return 'failed'
  return `${query.found.length} ${query.found.length === 1 ? 'source' : 'sources'}`
}
