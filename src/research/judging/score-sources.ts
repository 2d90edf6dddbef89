import { hostClass, hostOf } from './host-authority.ts'
import { answered, asked, countedWords, rarityAmong, sectionWords, stemsIn } from './word-rarity.ts'

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
  /** The outline's words that it shares, the rarest first. */
  shared: string[]
}

const millisecondsPerYear = 31_557_600_000
const yearsUntilStale = 8
const ofSections = 0.7
/** Words whose rarity a page has to hold to be fully relevant, of a section and of a query. */
const wordsForAll = { section: 4, query: 5 }

/**
 * The documented scorer: total = 0.65 relevance + 0.20 authority + 0.10 freshness + 0.05 when cited.
 * Relevance is 0.7 of what a page says of the outline's section that it says most of, and 0.3 of what it says of the
 * query that found it; what frames the outline counts for nothing. Words weigh by BM25: the rarer among the sources at
 * hand, the more, and a word said again adds less. Authority is the host's class; freshness falls over eight years,
 * counted back from the newest source, so that no clock is read. A cited page that shows no words of its own counts as
 * half relevant, because the search engine rested its answer on it.
 */
export function scoreSources(
  guidelineText: string,
  sources: readonly FoundCandidate[],
): SourceScore[] {
  const pages = sources.map((source) =>
    countedWords([source.title, source.title, source.snippet ?? pathWords(source.url)]),
  )
  const rarity = rarityAmong(pages)
  const sections = sectionWords(guidelineText).map((words) =>
    asked(words, wordsForAll.section, rarity),
  )
  const wanted = new Set(sections.flatMap(({ words }) => [...words]))
  const newest = Math.max(...sources.map(({ published_at }) => timeOf(published_at) ?? 0))
  return sources.map((source, index) => {
    const host = hostOf(source.url)
    const page = pages[index] ?? new Map()
    const bySection = Math.max(0, ...sections.map((section) => answered(section, page, rarity)))
    const query = asked(new Set(stemsIn(source.query)), wordsForAll.query, rarity)
    const seen = ofSections * bySection + (1 - ofSections) * answered(query, page, rarity)
    const relevance = source.cited && isSilent(source, host) ? Math.max(0.5, seen) : seen
    const authority = hostClass(host).authority
    const freshness = freshnessOf(source.published_at, newest)
    const total = 0.65 * relevance + 0.2 * authority + 0.1 * freshness + (source.cited ? 0.05 : 0)
    const shared = [...page]
      .filter(([stem]) => wanted.has(stem))
      .toSorted(([a], [b]) => rarity(b) - rarity(a))
      .map(([, { key }]) => key)
    return { source, host, relevance, authority, freshness, total, shared }
  })
}

/** Best first; equal scores in the order of their numbers, so that the result is always the same. */
export const bestFirst = (scores: readonly SourceScore[]): SourceScore[] =>
  [...scores].sort((a, b) => b.total - a.total || a.source.number - b.source.number)

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
