import { z } from 'zod'
import { canonicalUrl } from '../../sources/canonical-url.ts'
import { linkKind } from '../../sources/link-kind.ts'
import { ModelFailure } from '../models/model-failure.ts'
import type { LanguageModelPort } from '../models/model-port.ts'
import { choosePrompt } from '../models/prompts.ts'
import { clipLine } from '../search/bound-answer.ts'
import { reasonCharsMax, scoreText } from './heuristic-decisions.ts'
import { bestFirst, type FoundCandidate, type SourceScore, scoreSources } from './score-sources.ts'

export interface ChooseInput {
  guidelineText: string
  /** The kept sources; no other can be chosen. */
  sources: readonly FoundCandidate[]
  /** Addresses that were read in full before, from the guideline or in an earlier round. */
  alreadyScraped: readonly string[]
  max: number
  signal: AbortSignal
}

export interface SourceChoice {
  /** Best first, at most `max`. */
  chosen: { source: number; reason: string }[]
  /** Kept sources that are not read: videos, and pages that were read before. */
  skipped: { youtube: number[]; alreadyScraped: number[] }
  by: 'model' | 'heuristic'
  note: string | null
}

const candidatesShown = 100

const choiceSchema = z.object({
  chosen: z.array(z.object({ source: z.number(), reason: z.string() })),
})

/**
 * Chooses the sources to read in full. Whoever chooses names numbers, never addresses, and only numbers of
 * kept sources count: a page cannot have another page fetched.
 */
export async function chooseSources(
  input: ChooseInput,
  model: LanguageModelPort | null,
): Promise<SourceChoice> {
  const read = new Set(input.alreadyScraped.map(canonicalUrl))
  const youtube = input.sources.filter(({ url }) => linkKind(url) === 'youtube')
  const before = input.sources.filter(
    (source) => !youtube.includes(source) && read.has(canonicalUrl(source.url)),
  )
  const candidates = input.sources.filter(
    (source) => !youtube.includes(source) && !before.includes(source),
  )
  const skipped = { youtube: youtube.map(numberOf), alreadyScraped: before.map(numberOf) }
  const ranked = rank(input.guidelineText, candidates, input.max)
  const choice = (note: string | null): SourceChoice => ({
    chosen: ranked,
    skipped,
    by: 'heuristic',
    note,
  })
  if (!model || candidates.length === 0) return choice(null)
  try {
    const chosen = await askModel(input, candidates, model)
    if (chosen.length > 0) return { chosen, skipped, by: 'model', note: null }
    return choice('The model named none of the kept sources; the scorer chose.')
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error
    return choice(`The scorer chose because ${error.message}.`)
  }
}

const numberOf = ({ number }: FoundCandidate): number => number

async function askModel(
  { guidelineText, max, signal }: ChooseInput,
  candidates: readonly FoundCandidate[],
  model: LanguageModelPort,
): Promise<{ source: number; reason: string }[]> {
  const shown = bestFirst(scoreSources(guidelineText, candidates)).slice(0, candidatesShown)
  const answer = await model.object({
    ...choosePrompt(
      guidelineText,
      shown.map(({ source }) => source),
      max,
    ),
    schema: choiceSchema,
    signal,
  })
  const open = new Set(shown.map(({ source }) => source.number))
  return answer.chosen
    .filter(({ source }) => open.delete(source))
    .slice(0, max)
    .map(({ source, reason }) => ({
      source,
      reason: clipLine(reason, reasonCharsMax) ?? 'No reason given.',
    }))
}

/** One more from the same host or query is worth less each time, so that the choice covers more ground. */
const sameHostCosts = 0.15
const sameQueryCosts = 0.1

function rank(guidelineText: string, candidates: readonly FoundCandidate[], max: number) {
  const open = bestFirst(scoreSources(guidelineText, candidates))
  const taken: SourceScore[] = []
  const worth = (score: SourceScore) =>
    score.total -
    sameHostCosts * taken.filter(({ host }) => host === score.host).length -
    sameQueryCosts * taken.filter(({ source }) => source.query === score.source.query).length
  while (taken.length < max && open.length > 0) {
    const best = open.reduce((a, b) => (worth(b) > worth(a) ? b : a))
    taken.push(best)
    open.splice(open.indexOf(best), 1)
  }
  return taken.map((score, place) => ({
    source: score.source.number,
    reason: `Place ${place + 1} by ${scoreText(score)}; further sources of a host or query count less.`,
  }))
}
