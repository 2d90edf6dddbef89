import { canonicalUrl } from '../../sources/canonical-url.ts'
import { isRejected, type ResearchQuery, type ResearchSource } from '../research-input.ts'
import { containAnswer } from './contain-answer.ts'
import { htmlText, inlineText } from './inline-text.ts'
import type { Passage, SpokenOf } from './passages.ts'
import { block, failureText } from './source-blocks.ts'

/**
 * What every query was answered, by query: the provider's answer, else the sentences of the sources that answer it best,
 * word for word, else the numbers of what it found. Sources are described where they stand, not here. An answer is in
 * a block that it cannot leave; sentences are quoted line by line and need none.
 */
export function* researchResults(
  queries: readonly ResearchQuery[],
  sources: readonly ResearchSource[],
  answering: SpokenOf['answering'],
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
    const answer = answerOf(query, found, linkable)
    if (answer) yield block(`Query ${query.number}: ${htmlText(query.query)}`, answer)
    else {
      const body = bodyWithoutAnswer(query, found, answering)
      yield `**Query ${query.number}: ${inlineText(query.query)}**\n\n${body}\n\n`
    }
  }
}

/** The provider's answer with its numbers made ours. One that rests on rejected sources alone is rejected with them. */
function answerOf(
  query: ResearchQuery,
  found: readonly (ResearchSource | null)[],
  linkable: ReadonlySet<string>,
): string {
  const isServed = query.found.length === 0 || found.some((source) => source !== null)
  if (query.state !== 'answered' || !query.answer || !isServed) return ''
  const numbers = found.map((source) => source?.number ?? null)
  return containAnswer(query.answer, { numbers, linkable })
}

function bodyWithoutAnswer(
  query: ResearchQuery,
  found: readonly (ResearchSource | null)[],
  answering: SpokenOf['answering'],
): string {
  if (query.state === 'failed') return `This query failed: ${failureText(query.failure)}.`
  if (query.state === 'waiting') return '_This query has not been answered._'
  const kept = found.filter((source) => source !== null)
  if (query.found.length > 0 && kept.length === 0)
    return '_Every source of this query was rejected._'
  if (kept.length === 0) return '_This query found no source._'
  return quoted(answering(query)) || `Found: ${numbersOf(kept)}`
}

/** Queries whose sentences research.md quotes: those that no provider answered. */
export function isQuoted(query: ResearchQuery, sources: readonly ResearchSource[]): boolean {
  const rejected = new Set(sources.filter(isRejected).map(({ number }) => number))
  const isServed = query.found.length === 0 || query.found.some((number) => !rejected.has(number))
  return query.state === 'answered' && isServed && !query.answer?.trim()
}

const quoted = (passages: readonly Passage[]): string =>
  passages.map(({ text, source }) => `> ${text} [${source}]`).join('\n>\n')

const numbersOf = (sources: readonly ResearchSource[]): string =>
  `[${sources.map(({ number }) => number).join(', ')}]`
