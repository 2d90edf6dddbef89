import type { ArticleSource, ExistingArticle } from '../../events/articles/article-state.ts'
import { type FailureReason, failureReasons, SourceFailure } from '../../sources/source-failure.ts'
import { byteSize } from './byte-size.ts'
import { type Html, html } from './html.ts'

/** Every source with its state and the reason for it, by where it came from. */
export function sourceTables(article: ExistingArticle): Html | null {
  const sources = [...article.sources.values()].sort((a, b) => a.number - b.number)
  const groups = [
    { id: 'guideline', label: 'Sources of the guideline' },
    { id: 'research', label: 'Found by research' },
  ] as const
  const tables = groups.flatMap(({ id, label }) => {
    const these = sources.filter((source) => source.origin === id)
    return these.length > 0 ? [sourceTable(`sources-${id}`, label, these)] : []
  })
  return tables.length > 0 ? html`${tables}` : null
}

const sourceTable = (
  id: string,
  label: string,
  sources: readonly ArticleSource[],
): Html => html`<section aria-labelledby="${id}">
<h2 id="${id}">${label} <span class="count">${sources.length}</span></h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}">
<table>
<thead><tr><th scope="col">No.</th><th scope="col">Source</th><th scope="col">State</th><th scope="col">Details</th></tr></thead>
<tbody>
${sources.map(sourceRow)}
</tbody>
</table>
</div>
</section>`

function sourceRow(source: ArticleSource): Html {
  const { word, tone } = stateOf(source)
  return html`<tr>
<td class="number">${source.number}</td>
<th scope="row">${sourceName(source)}</th>
<td><span class="state ${tone}">${word}</span></td>
<td class="why">${whyOf(source)}</td>
</tr>`
}

/** Titles and addresses are text of the outside world; only http addresses become links. */
function sourceName(source: ArticleSource): Html {
  const title = source.title || source.url
  const isLink = /^https?:\/\//i.test(source.url)
  const name = isLink
    ? html`<a href="${source.url}" target="_blank" rel="noreferrer noopener nofollow">${title}</a>`
    : html`${title}`
  const golden = source.rank === 'golden' && 'golden source'
  const where = [kindWord[source.kind], URL.parse(source.url)?.host, golden]
    .filter(Boolean)
    .join(' · ')
  return html`<span class="name">${name}</span><span class="address">${where}</span>`
}

const kindWord = { web: 'Web', github: 'GitHub', youtube: 'YouTube', file: 'File' } as const

function stateOf(source: ArticleSource): { word: string; tone: string } {
  if (source.state === 'scraped') return { word: 'read', tone: 'good' }
  if (source.state === 'failed') return { word: 'failed', tone: 'bad' }
  if (source.origin === 'guideline') return { word: 'waiting', tone: 'later' }
  if (source.chosen) return { word: 'chosen', tone: 'later' }
  if (!source.decision) return { word: 'found', tone: 'later' }
  return source.decision.keep ? { word: 'kept', tone: 'good' } : { word: 'rejected', tone: 'off' }
}

function whyOf(source: ArticleSource): string {
  if (source.failure) return failureSentence(source.failure)
  const reason = source.chosen?.reason ?? source.decision?.reason
  if (reason) return reason
  return source.markdown ? byteSize(source.markdown.size) : ''
}

function failureSentence({ reason, detail }: NonNullable<ArticleSource['failure']>): string {
  const isKnown = (code: string): code is FailureReason =>
    failureReasons.some((known) => known === code)
  return isKnown(reason) ? new SourceFailure(reason, detail ?? undefined).message : reason
}
