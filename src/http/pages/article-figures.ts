import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { type Html, html } from './html.ts'

/** The article in numbers. */
export function articleFigures(article: ExistingArticle): Html | null {
  const sources = [...article.sources.values()]
  if (sources.length === 0) return null
  const number = (test: (source: (typeof sources)[number]) => boolean) =>
    sources.filter(test).length
  const figures: [string, number][] = [
    ['sources', sources.length],
    ['read', number((source) => source.state === 'scraped')],
    ['failed', number((source) => source.state === 'failed')],
    ['queries asked', [...article.queries.values()].filter((q) => q.state !== 'waiting').length],
    ['kept', number((source) => source.decision?.keep === true)],
    ['read in full', number((source) => source.chosen !== null && source.state === 'scraped')],
  ]
  return html`<dl class="figures">
${figures.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
</dl>`
}
