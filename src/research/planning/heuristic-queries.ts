import { clipLine } from '../search/bound-answer.ts'
import { articleSubject } from './article-subject.ts'
import { articleTitle, findTitle } from './article-title.ts'
import { composeQuery, uncapitaliser } from './compose-query.ts'
import { facetsIn, languageOfText } from './facet-languages.ts'
import { isClause, type KeyPhrase, keyPhrases } from './key-phrases.ts'
import { type QueryFacet, queryFacets } from './query-facets.ts'
import type { CoveredSection } from './section-coverage.ts'
import { sharedSubject } from './shared-subject.ts'
import { similarity, termKeys } from './terms.ts'

export interface PlannedQuery {
  query: string
  /** One sentence: what it is for. */
  reason: string
}

export interface HeuristicQueriesInput {
  title: string
  guidelineText: string
  /** Neediest first. */
  sections: readonly CoveredSection[]
  pastQueries: readonly string[]
  /** Queries of this round that stand already. */
  taken: readonly PlannedQuery[]
  count: number
  /** The current year, for what is new. */
  year: number
}

const queryCharsMax = 300
/** A side is asked about after this many phrases of its section. */
const phrasesPerFacet = 4

/** Only what is nearly the same is a repetition: two sides of one subject share most of their words. */
const alikeFrom = 0.95

/**
 * Queries without a model, worded as a person would type them, and always the same for the same input.
 *
 * The subject is the core of the article's title (`articleSubject`), or what most sections share where the guideline
 * has no title of its own. Each section asks with its own phrases in their own word order (`keyPhrases`): its title, what
 * it wants, its short statements; then from the sides that its words hint at, and from the others (`queryFacets`:
 * pitfalls, examples, benchmarks, alternatives …), in the language of the guideline. The neediest section asks first, one
 * query each in turn; the article as a whole asks when no section has a question left. What was asked before is passed over, so a later round goes on where the
 * earlier one stopped.
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
  const plain = uncapitaliser(input.guidelineText.slice(0, 100_000))
  const subject = plain(subjectOf(input))
  const language = languageOfText(input.guidelineText)
  const facets = facetsIn(language, queryFacets(input.year), input.year)
  const turns = input.sections.map((section) =>
    sectionCandidates(section, { subject, facets, plain }),
  )
  const whole = sidesOf(subject, facets, 'The article as a whole', ({ text }) => text)
  while (chosen.length < input.count && turns.length > 0) {
    for (const turn of [...turns]) {
      if (chosen.length === input.count) break
      if (!takeNext(turn, add)) turns.splice(turns.indexOf(turn), 1)
    }
  }
  while (subject !== '' && chosen.length < input.count && takeNext(whole, add));
  for (const candidate of combinations(subject || input.title, facets)) {
    if (chosen.length >= input.count) break
    add(candidate)
  }
  return chosen
}

/** A title that was only found in other words says less than what the sections share, unless that is a single word. */
function subjectOf({ title, guidelineText, sections }: HeuristicQueriesInput): string {
  const named = articleSubject(title)
  const isOwn = title !== articleTitle(guidelineText) || findTitle(guidelineText).isGiven
  if (isOwn) return named
  const shared = sharedSubject(sections)
  return named === '' || termKeys(shared).size > 1 ? shared || named : named
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

interface Wording {
  subject: string
  facets: readonly QueryFacet[]
  plain: (phrase: string) => string
}

function* sectionCandidates(section: CoveredSection, wording: Wording): Generator<PlannedQuery> {
  const { subject, plain } = wording
  const phrases = keyPhrases(section).map((phrase) => ({ ...phrase, text: plain(phrase.text) }))
  const [title] = phrases.filter(({ from }) => from === 'title')
  const query = (phrase: KeyPhrase) => composeQuery(subject, title?.text ?? '', phrase)
  const served = servedText(section)
  const name = bestName(phrases)
  const sides = name
    ? sidesOf(
        articleSubject(name.text) || name.text,
        sidesFor(section, wording.facets),
        served,
        query,
      )
    : none()
  for (const [index, phrase] of phrases.entries()) {
    const asks = phrase.from === 'title' ? 'its subject' : 'one of its points'
    yield { query: query(phrase), reason: `${served}; this asks about ${asks}.` }
    if (index % phrasesPerFacet === phrasesPerFacet - 1) {
      const side = sides.next()
      if (!side.done) yield side.value
    }
  }
  yield* sides
}

/** What a section is asked about from all sides: its title if that is a name, else the first name in it. */
function bestName(phrases: readonly KeyPhrase[]): KeyPhrase | undefined {
  const names = phrases.filter(({ text }) => !isClause(text))
  return [...names.filter(({ from }) => from === 'title'), ...names, ...phrases][0]
}

/** The sides that its words hint at, then the others, from a place of its own so that sections differ. */
function sidesFor(section: CoveredSection, facets: readonly QueryFacet[]): QueryFacet[] {
  const text = `${section.title} ${section.text.slice(0, 5_000)}`
  const isHinted = (facet: QueryFacet) => facet.hint.test(text)
  const others = facets.filter((facet) => !isHinted(facet))
  const first = section.title.length % Math.max(1, Math.min(6, others.length))
  return [...facets.filter(isHinted), ...others.slice(first), ...others.slice(0, first)]
}

type Sides = Generator<PlannedQuery, undefined>

function* none(): Sides {}

function* sidesOf(
  name: string,
  facets: readonly QueryFacet[],
  served: string,
  query: (phrase: KeyPhrase) => string,
): Sides {
  const open = /\b(?:vs|versus)\b/i.test(name)
    ? facets.filter(({ asks }) => asks !== 'alternatives')
    : facets
  for (const facet of open) {
    const text = isClause(name) ? `${name}, ${facet.after}` : facet.of(name)
    yield {
      query: query({ text, from: 'title' }),
      reason: `${served}; this asks for ${facet.asks}.`,
    }
  }
}

function servedText(section: CoveredSection): string {
  const name = `“${(clipLine(section.title, 120) ?? 'the article').replaceAll('”', '')}”`
  const sources = Math.floor(section.coverage)
  if (sources === 0) return `${name} has no source yet`
  return `${name} has ${sources} source${sources === 1 ? '' : 's'}`
}

/** When every section is exhausted: the subject from two sides at once, and at last with a number. */
function* combinations(title: string, facets: readonly QueryFacet[]): Generator<PlannedQuery> {
  const subject = clipLine(title, 150) ?? 'the article'
  for (const [index, first] of facets.entries()) {
    for (const second of facets.slice(index + 1)) {
      const query = `${first.of(subject)}, ${second.after}`
      yield { query, reason: `All sections were asked about; this asks for ${second.asks}.` }
    }
  }
  for (let page = 1; ; page++) {
    const query = `${subject} sources collection${page}`
    yield { query, reason: 'All sections were asked about; this looks for further sources.' }
  }
}
