import { canonicalUrl } from '../../sources/canonical-url.ts'
import { isRejected, type ResearchQuery, type ResearchSource } from '../research-input.ts'
import { containAnswer } from './contain-answer.ts'
import { htmlText, inlineLink, inlineText } from './inline-text.ts'
import { block, failureText } from './source-blocks.ts'

/**
 * What every query was answered, by query, with the sources that were not rejected. A source is described
 * where it was found first; where it is found again, its number says enough.
 */
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
  const described = new Set<number>()
  for (const query of [...queries].sort((a, b) => a.number - b.number)) {
    const found = query.found.map((number) => {
      const source = byNumber.get(number)
      return source && !isRejected(source) ? source : null
    })
    yield block(
      `Query ${query.number} (round ${query.round}): ${htmlText(query.query)}`,
      queryBody(query, found, { linkable, described }),
    )
  }
}

function queryBody(
  query: ResearchQuery,
  found: readonly (ResearchSource | null)[],
  { linkable, described }: { linkable: ReadonlySet<string>; described: Set<number> },
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
    parts.push(kept.length > 0 ? sourceList(kept, described) : '_This query found no source._')
  }
  return parts.join('\n\n')
}

function sourceList(sources: readonly ResearchSource[], described: Set<number>): string {
  const known = new Set(
    sources.map(({ number }) => number).filter((number) => described.has(number)),
  )
  const lines = sources.flatMap((source) => {
    if (described.has(source.number)) return []
    described.add(source.number)
    const line = `- [${source.number}] ${inlineText(source.title || source.url)}, ${inlineLink(source.url)}`
    const marks = marksOf(source)
    const withMarks = marks.length > 0 ? `${line} (${marks.join(', ')})` : line
    return [source.snippet ? `${withMarks}  \n  ${inlineText(source.snippet)}` : withMarks]
  })
  const again = [...known].map((number) => `[${number}]`).join(', ')
  return [
    ...(lines.length > 0 ? [`Sources:\n\n${lines.join('\n')}`] : []),
    ...(again ? [`${lines.length > 0 ? 'Found again' : 'Only found again'}: ${again}`] : []),
  ].join('\n\n')
}

function marksOf(source: ResearchSource): string[] {
  const isUndecided = source.origin === 'research' && !source.decision
  return [
    ...(source.publishedAt ? [inlineText(source.publishedAt)] : []),
    ...(source.cited ? ['cited'] : []),
    ...(source.origin === 'guideline' ? ['named by the guideline'] : []),
    ...(source.markdown === null ? [] : ['read in full']),
    ...(isUndecided ? ['not judged'] : []),
  ]
}
