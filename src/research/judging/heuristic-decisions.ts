import { canonicalUrl } from '../../sources/canonical-url.ts'
import { visibleLine } from '../../visible-text.ts'
import { hostClass } from './host-authority.ts'
import { bestFirst, type FoundCandidate, type SourceScore, scoreSources } from './score-sources.ts'

/** What becomes of one source, and why. */
export interface SourceDecision {
  source: number
  keep: boolean
  /** One sentence, at most `reasonCharsMax`. */
  reason: string
}

export const reasonCharsMax = 400

/** With these a fifth of the relevant pages and a twentieth of the strays fall on the wrong side: see docs/benchmarks.md. */
const relevanceMin = 0.22
/** What an ordinary page of unknown age has at the least relevance: it stops old pages of places where anybody writes. */
const totalMin = 0.3

/**
 * Decides on every source by its score, best first: kept when relevance is at least 0.22 and the total at
 * least 0.3, when it repeats no better source (same address, or same title at the same host), and while its
 * host has not reached its class's share. Nothing relevant means nothing kept.
 */
export function heuristicDecisions(
  guidelineText: string,
  sources: readonly FoundCandidate[],
): SourceDecision[] {
  const seen = new Map<string, number>()
  const perHost = new Map<string, number>()
  const decide = (score: SourceScore): SourceDecision => {
    const { source, host } = score
    const keys = [`url ${canonicalUrl(source.url)}`, `title ${host} ${source.title.toLowerCase()}`]
    const twin = keys.map((key) => seen.get(key)).find((number) => number !== undefined)
    for (const key of keys) if (!seen.has(key)) seen.set(key, source.number)
    const reject = (reason: string) => ({ source: source.number, keep: false, reason })
    if (twin !== undefined) return reject(`Repeats source ${twin}.`)
    if (score.relevance < relevanceMin) {
      return reject(`Shares too little with the guideline and the query (${scoreText(score)}).`)
    }
    if (score.total < totalMin) return reject(`Scores too low (${scoreText(score)}).`)
    const kept = perHost.get(host) ?? 0
    if (kept >= hostClass(host).cap) return reject(`${kept} better sources of ${host} are kept.`)
    perHost.set(host, kept + 1)
    const words = score.shared.slice(0, 5).join(', ')
    const about = words ? `Speaks of ${words}` : 'Cited by the answer'
    const reason = visibleLine(`${about} (${scoreText(score)}).`, reasonCharsMax)
    return { source: source.number, keep: true, reason }
  }
  const decisions = bestFirst(scoreSources(guidelineText, sources)).map(decide)
  return decisions.sort((a, b) => a.source - b.source)
}

export const scoreText = ({ relevance, authority, freshness, host, total }: SourceScore): string =>
  `score ${total.toFixed(2)}: relevance ${relevance.toFixed(2)}, ` +
  `authority ${authority.toFixed(2)} as ${hostClass(host).name}, freshness ${freshness.toFixed(2)}`
