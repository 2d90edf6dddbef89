import { z } from 'zod'
import { ModelFailure } from '../models/model-failure.ts'
import type { LanguageModelPort } from '../models/model-port.ts'
import { judgePrompt } from '../models/prompts.ts'
import { clipLine } from '../search/bound-answer.ts'
import { heuristicDecisions, reasonCharsMax, type SourceDecision } from './heuristic-decisions.ts'
import type { FoundCandidate } from './score-sources.ts'

export interface JudgeInput {
  guidelineText: string
  sources: readonly FoundCandidate[]
  signal: AbortSignal
}

export interface Judgement {
  /** Exactly one for every source, in the order of their numbers. */
  decisions: SourceDecision[]
  /** Who decided; `model` when it decided on at least one source, the note counts the others. */
  by: 'model' | 'heuristic'
  note: string | null
}

const sourcesPerRequest = 50

const verdictSchema = z.object({
  decisions: z.array(z.object({ source: z.number(), keep: z.boolean(), reason: z.string() })),
})

/**
 * Keeps or rejects every source, with a reason. The model decides; what it leaves out, and all of a request
 * that failed, the scorer decides. Nothing is ever kept because a judgement failed, and numbers that were
 * not asked about are ignored.
 */
export async function judgeSources(
  input: JudgeInput,
  model: LanguageModelPort | null,
): Promise<Judgement> {
  const scored = heuristicDecisions(input.guidelineText, input.sources)
  if (!model || input.sources.length === 0)
    return { decisions: scored, by: 'heuristic', note: null }
  const verdicts = new Map<number, SourceDecision>()
  let failure: ModelFailure | null = null
  for (let from = 0; from < input.sources.length; from += sourcesPerRequest) {
    const batch = input.sources.slice(from, from + sourcesPerRequest)
    try {
      for (const verdict of await askModel(input, batch, model))
        verdicts.set(verdict.source, verdict)
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error
      failure = error
    }
  }
  const decisions = scored.map((decision) => verdicts.get(decision.source) ?? decision)
  return {
    decisions,
    by: verdicts.size > 0 ? 'model' : 'heuristic',
    note: noteOn(decisions.length - verdicts.size, decisions.length, failure),
  }
}

async function askModel(
  { guidelineText, signal }: JudgeInput,
  batch: readonly FoundCandidate[],
  model: LanguageModelPort,
): Promise<SourceDecision[]> {
  const { decisions } = await model.object({
    ...judgePrompt(guidelineText, batch),
    schema: verdictSchema,
    signal,
  })
  const asked = new Set(batch.map(({ number }) => number))
  return decisions.flatMap(({ source, keep, reason }) => {
    // The first verdict stands: a second one on the same number is a contradiction.
    if (!asked.delete(source)) return []
    return [{ source, keep, reason: clipLine(reason, reasonCharsMax) ?? 'No reason given.' }]
  })
}

function noteOn(byScorer: number, all: number, failure: ModelFailure | null): string | null {
  if (byScorer === 0) return null
  const why = failure ? failure.message : 'the model left them out'
  return `The scorer decided on ${byScorer} of ${all} sources because ${why}.`
}
