import { canonicalUrl } from '../../sources/canonical-url.ts'
import { isRejected, type ResearchQuery, type ResearchSource } from '../research-input.ts'
import { containAnswer } from './contain-answer.ts'
import { htmlText, inlineLink, inlineText } from './inline-text.ts'
import { block, failureText } from './source-blocks.ts'

/** What every query was answered, by query, with the sources that were not rejected. */
export function* researchResults(
  queries: readonly ResearchQuery[],
  sources: readonly ResearchSource[],
): Generator<string> {
  yield '## Research Results\n\n'
  if (queries.length === 0) yield '_No research was done._\n\n'
  const byNumber = new Map(sources.map((source) => [source.number, source]))
  const linkable = new Set(
    sources
      .filter((source) => source.kind !== 'file' && !isRejected(source))
      .map((source) => canonicalUrl(source.url)),
  )
  for (const query of [...queries].sort((a, b) => a.number - b.number)) {
    const found = query.found.map((number) => {
      const source = byNumber.get(number)
      return source && !isRejected(source) ? source : null
    })
    yield block(
      `Query ${query.number} (round ${query.round}): ${htmlText(query.query)}`,
      queryBody(query, found, linkable),
    )
  }
}

function queryBody(
  query: ResearchQuery,
  found: readonly (ResearchSource | null)[],
  linkable: ReadonlySet<string>,
): string {
  const about = [
    ...(query.reason ? [`Reason: ${inlineText(query.reason)}`] : []),
    ...(query.provider ? [`Asked: ${inlineText(query.provider)}`] : []),
  ]
  const parts = about.length > 0 ? [about.map((line) => `- ${line}`).join('\n')] : []
  const kept = found.filter((source) => source !== null)
  if (query.state === 'failed') parts.push(`This query failed: ${failureText(query.failure)}.`)
  else if (query.state === 'waiting') parts.push('_This query has not been answered._')
  else if (query.found.length > 0 && kept.length === 0) {
    // An answer that rests on rejected sources alone is rejected with them.
    parts.push('_Every source of this query was rejected._')
  } else {
    const numbers = found.map((source) => source?.number ?? null)
    const answer = query.answer ? containAnswer(query.answer, { numbers, linkable }) : ''
    if (answer) parts.push(answer)
    parts.push(kept.length > 0 ? sourceList(kept) : '_This query found no source._')
  }
  return parts.join('\n\n')
}

function sourceList(sources: readonly ResearchSource[]): string {
  const seen = new Set<number>()
  const lines = sources.flatMap((source) => {
    if (seen.has(source.number)) return []
    seen.add(source.number)
    const marks = [
      ...(source.publishedAt ? [inlineText(source.publishedAt)] : []),
      ...(source.cited ? ['cited'] : []),
      ...(source.decision ? [] : ['not judged']),
    ]
    const line = `- [${source.number}] ${inlineText(source.title || source.url)}, ${inlineLink(source.url)}`
    const withMarks = marks.length > 0 ? `${line} (${marks.join(', ')})` : line
    return [source.snippet ? `${withMarks}  \n  ${inlineText(source.snippet)}` : withMarks]
  })
  return `Sources:\n\n${lines.join('\n')}`
}
