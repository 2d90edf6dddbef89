import { type OutlineSection, outlineOf } from './outline.ts'
import { type Term, termsIn } from './terms.ts'

/** A part of the guideline with its telling words and how well it is served so far. */
export interface CoveredSection extends OutlineSection {
  /** Its place in the outline. */
  place: number
  /** Its most telling words, best first, as written. */
  keyTerms: string[]
  keys: Set<string>
  /** Sources that speak of it; the guideline's own count half, because they are known already. */
  coverage: number
  /** Past queries that asked about it. */
  asked: number
}

export interface CoverageInput {
  guidelineText: string
  title: string
  linkTitles: readonly string[]
  sourceExcerpts: readonly { title: string; excerpt: string }[]
  pastQueries: readonly string[]
  /** Rejected sources are left out by the caller: they serve nothing. */
  results: readonly { title: string; snippet: string | null; kept: boolean | null }[]
}

const keyTermsMax = 12

/**
 * The guideline's sections, those with the fewest sources first. A section's telling words are those that
 * are frequent in it and rare in the others (tf × log(1 + sections / sections with the word)); a text speaks
 * of a section when it holds its best word or two of the others.
 */
export function sectionCoverage(input: CoverageInput): CoveredSection[] {
  const sections = outlineOf(input.guidelineText)
  const all =
    sections.length > 0 ? sections : [{ title: input.title, points: [], paragraphs: [], text: '' }]
  const terms = all.map(sectionTerms)
  const spread = new Map<string, number>()
  for (const each of terms) {
    for (const key of new Set(each.map((term) => term.key))) {
      spread.set(key, (spread.get(key) ?? 0) + 1)
    }
  }
  const own = [
    ...input.linkTitles,
    ...input.sourceExcerpts.map(({ title, excerpt }) => `${title} ${excerpt.slice(0, 2_000)}`),
  ].map(keysOf)
  const found = input.results
    .filter(({ kept }) => kept !== false)
    .map(({ title, snippet }) => keysOf(`${title} ${snippet ?? ''}`))
  const asked = input.pastQueries.map(keysOf)
  return all
    .map((section, index): CoveredSection => {
      const best = weigh(terms[index] ?? [], spread, all.length)
      const keys = best.map(({ key }) => key)
      const count = (texts: readonly Set<string>[]) =>
        texts.filter((text) => speaksOf(text, keys)).length
      return {
        ...section,
        place: index,
        keyTerms: best.map(({ written }) => written),
        keys: new Set(keys),
        coverage: count(found) + count(own) / 2,
        asked: count(asked),
      }
    })
    .sort((a, b) => a.coverage - b.coverage || a.asked - b.asked)
}

/** A word in the heading or in a list item says more than one in running text. */
const sectionTerms = (section: OutlineSection): Term[] => [
  ...termsIn(section.title),
  ...termsIn(section.title),
  ...section.points.flatMap(termsIn),
  ...termsIn(section.text.slice(0, 20_000)),
]

function weigh(terms: readonly Term[], spread: ReadonlyMap<string, number>, sections: number) {
  const counted = new Map<string, { term: Term; count: number }>()
  for (const term of terms) {
    const known = counted.get(term.key)
    if (known) known.count += 1
    else counted.set(term.key, { term, count: 1 })
  }
  const weight = ({ term, count }: { term: Term; count: number }) =>
    count * Math.log(1 + sections / (spread.get(term.key) ?? 1))
  return [...counted.values()]
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, keyTermsMax)
    .map(({ term }) => term)
}

const keysOf = (text: string): Set<string> => new Set(termsIn(text).map(({ key }) => key))

function speaksOf(text: ReadonlySet<string>, keys: readonly string[]): boolean {
  const [best, ...others] = keys
  if (best !== undefined && text.has(best)) return true
  return others.filter((key) => text.has(key)).length >= 2
}
