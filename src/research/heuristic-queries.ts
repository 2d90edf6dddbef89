import { queryFacets } from './query-facets.ts'
import { clipLine } from './search/bound-answer.ts'
import type { CoveredSection } from './section-coverage.ts'
import { similarity, termKeys, termsIn } from './terms.ts'

export interface PlannedQuery {
  query: string
  /** One sentence: what it is for. */
  reason: string
}

export interface HeuristicQueriesInput {
  title: string
  /** Neediest first. */
  sections: readonly CoveredSection[]
  pastQueries: readonly string[]
  /** Queries of this round that stand already. */
  taken: readonly PlannedQuery[]
  count: number
}

const subjectWordsMax = 9
const contextWordsMax = 4
const queryCharsMax = 300

/** Only what is nearly the same is a repetition: two facets of one subject share most of their words. */
const alikeFrom = 0.95

/**
 * Queries without a model, and always the same for the same input. The neediest section asks first, one
 * query each in turn: first for its heading, then for each of its list items, then for the further facets of
 * both (numbers, alternatives, pitfalls, criticism …). The words of the title give the context. What was
 * asked before is passed over, so a later round goes on where the earlier one stopped.
 */
export function heuristicQueries(input: HeuristicQueriesInput): PlannedQuery[] {
  const known = [...input.pastQueries, ...input.taken.map(({ query }) => query)].map(asAsked)
  const chosen: PlannedQuery[] = []
  const add = (candidate: PlannedQuery): boolean => {
    const query = clipLine(candidate.query, queryCharsMax) ?? ''
    const asked = asAsked(query)
    if (query === '' || known.some((past) => isAlike(past, asked))) return false
    known.push(asked)
    chosen.push({ query, reason: candidate.reason })
    return true
  }
  const turns = input.sections.map((section) => candidatesOf(section, input.title))
  while (chosen.length < input.count && turns.length > 0) {
    for (const turn of [...turns]) {
      if (chosen.length === input.count) break
      if (!takeNext(turn, add)) turns.splice(turns.indexOf(turn), 1)
    }
  }
  for (const candidate of combinations(input.title)) {
    if (chosen.length >= input.count) break
    add(candidate)
  }
  return chosen
}

function takeNext(turn: Iterator<PlannedQuery>, add: (candidate: PlannedQuery) => boolean) {
  for (let next = turn.next(); !next.done; next = turn.next()) if (add(next.value)) return true
  return false
}

interface Asked {
  text: string
  keys: Set<string>
}

const asAsked = (query: string): Asked => ({
  text: query.toLowerCase().replace(/\s+/g, ' ').trim(),
  keys: termKeys(query),
})

const isAlike = (a: Asked, b: Asked): boolean =>
  a.text === b.text || (a.keys.size > 0 && similarity(a.keys, b.keys) >= alikeFrom)

function* candidatesOf(section: CoveredSection, title: string): Generator<PlannedQuery> {
  const subjects = [section.title, ...section.points].filter((text) => termKeys(text).size > 0)
  if (subjects.length === 0) subjects.push(section.keyTerms.slice(0, 4).join(' '))
  for (const { suffix, asks } of queryFacets) {
    for (const subject of subjects) {
      const query = [phrase(subject, section, title), suffix].filter(Boolean).join(' ')
      yield { query, reason: reasonFor(section, asks) }
    }
  }
}

/** The words of the title, then those of the subject; a very short subject takes telling words along. */
function phrase(subject: string, section: CoveredSection, title: string): string {
  const context = topicWords(title).slice(0, contextWordsMax)
  const own = topicWords(subject).slice(0, subjectWordsMax)
  const words = own.length >= 3 ? own : distinct([...own, ...section.keyTerms]).slice(0, 3)
  return distinct([...context, ...words]).join(' ')
}

const topicWords = (text: string): string[] => distinct(termsIn(text).map(({ written }) => written))

function reasonFor(section: CoveredSection, asks: string): string {
  const name = `“${(clipLine(section.title, 120) ?? 'the article').replaceAll('”', '')}”`
  const served = Math.floor(section.coverage)
  if (served === 0) return `${name} has no source yet; this asks for ${asks}.`
  return `${name} has ${served} source${served === 1 ? '' : 's'}; this asks for ${asks}.`
}

/** When every section is exhausted: the title with two facets at once, and at last with a number. */
function* combinations(title: string): Generator<PlannedQuery> {
  const subject = clipLine(title, 150) ?? 'the article'
  for (const [index, first] of queryFacets.entries()) {
    for (const second of queryFacets.slice(index + 1)) {
      const query = [subject, first.suffix, second.suffix].filter(Boolean).join(' ')
      yield { query, reason: `All sections were asked about; this asks for ${second.asks}.` }
    }
  }
  for (let page = 1; ; page++) {
    const query = `${subject} sources collection${page}`
    yield { query, reason: 'All sections were asked about; this looks for further sources.' }
  }
}

function distinct(words: readonly string[]): string[] {
  const seen = new Set<string>()
  return words.filter((word) => {
    const key = word.toLowerCase()
    return seen.has(key) ? false : seen.add(key) !== undefined
  })
}
