import { termKeys, termsIn } from '../planning/terms.ts'
import { hostClass, hostOf } from './host-authority.ts'

/** A page that a search found, with the query that found it. */
export interface FoundCandidate {
  number: number
  url: string
  title: string
  snippet: string | null
  query: string
  published_at: string | null
  cited: boolean
}

export interface SourceScore {
  source: FoundCandidate
  host: string
  /** All from 0 to 1. */
  relevance: number
  authority: number
  freshness: number
  total: number
  /** The guideline's words that it shares, heaviest first. */
  shared: string[]
}

const guidelineTermsMax = 80
/** Sharing as much weight as the guideline's heaviest words have makes a source fully relevant. */
const termsForFullRelevance = 6
const queryTermsForFullRelevance = 5
const millisecondsPerYear = 31_557_600_000
const yearsUntilStale = 8

/**
 * The documented scorer: total = 0.65 relevance + 0.20 authority + 0.10 freshness + 0.05 when cited.
 * Relevance is 0.6 of the weighted words shared with the guideline and 0.4 of those shared with the query
 * that found it; authority is the host's class; freshness falls over eight years, counted back from the
 * newest source, so that no clock is read. A cited page that shows no words of its own counts as half
 * relevant, because the search engine rested its answer on it.
 */
export function scoreSources(
  guidelineText: string,
  sources: readonly FoundCandidate[],
): SourceScore[] {
  const weights = guidelineWeights(guidelineText)
  const heaviest = [...weights.values()].slice(0, termsForFullRelevance)
  const full = heaviest.reduce((sum, weight) => sum + weight, 0) || 1
  const newest = Math.max(...sources.map(({ published_at }) => timeOf(published_at) ?? 0))
  return sources.map((source) => {
    const host = hostOf(source.url)
    const words = termKeys(`${source.title} ${source.snippet ?? pathWords(source.url)}`)
    const shared = [...weights.keys()].filter((key) => words.has(key))
    const weight = shared.reduce((sum, key) => sum + (weights.get(key) ?? 0), 0)
    const asked = termKeys(source.query)
    const answered = [...asked].filter((key) => words.has(key)).length
    const byQuery = answered / Math.max(1, Math.min(asked.size, queryTermsForFullRelevance))
    const seen = 0.6 * Math.min(1, weight / full) + 0.4 * Math.min(1, byQuery)
    const relevance = source.cited && isSilent(source, host) ? Math.max(0.5, seen) : seen
    const authority = hostClass(host).authority
    const freshness = freshnessOf(source.published_at, newest)
    const total = 0.65 * relevance + 0.2 * authority + 0.1 * freshness + (source.cited ? 0.05 : 0)
    return { source, host, relevance, authority, freshness, total, shared }
  })
}

/** Best first; equal scores in the order of their numbers, so that the result is always the same. */
export const bestFirst = (scores: readonly SourceScore[]): SourceScore[] =>
  [...scores].sort((a, b) => b.total - a.total || a.source.number - b.source.number)

function guidelineWeights(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of text.slice(0, 500_000).split('\n')) {
    const worth = /^\s{0,3}#/.test(line) ? 3 : 1
    for (const { key } of termsIn(line.replace(/https?:\/\/\S+/g, ' '))) {
      counts.set(key, (counts.get(key) ?? 0) + worth)
    }
  }
  const weighted = [...counts].map(([key, count]): [string, number] => [key, 1 + Math.log(count)])
  return new Map(weighted.sort((a, b) => b[1] - a[1]).slice(0, guidelineTermsMax))
}

/** An address promises easily, so its words count only for a page that shows no others. */
const pathWords = (url: string): string =>
  (URL.parse(url)?.pathname ?? '').slice(0, 300).replace(/[^\p{L}\p{N}]+/gu, ' ')

const isSilent = (source: FoundCandidate, host: string): boolean =>
  source.snippet === null && source.title.replace(/^www\./, '') === host

function freshnessOf(published: string | null, newest: number): number {
  const time = timeOf(published)
  if (time === null) return 0.5
  return Math.max(0, 1 - (newest - time) / (yearsUntilStale * millisecondsPerYear))
}

function timeOf(published: string | null): number | null {
  const time = Date.parse(`${(published ?? '').slice(0, 10)}T00:00:00Z`)
  return Number.isNaN(time) ? null : time
}
