import { z } from 'zod'
import { Refusal } from '../../errors.ts'
import { ModelFailure } from '../models/model-failure.ts'
import type { LanguageModelPort } from '../models/model-port.ts'
import { planPrompt } from '../models/prompts.ts'
import { clipLine } from '../search/bound-answer.ts'
import { heuristicQueries, type PlannedQuery } from './heuristic-queries.ts'
import { type CoverageInput, sectionCoverage } from './section-coverage.ts'
import { similarity, termKeys } from './terms.ts'

export interface PlanQueriesInput extends CoverageInput {
  /** How many queries; 1 to 20. */
  count: number
  /** The current year, so that a search for what is new says since when. */
  year: number
  signal: AbortSignal
}

export interface QueryPlan {
  /** Exactly as many as asked for, none like another or like a past one. */
  queries: PlannedQuery[]
  by: 'model' | 'heuristic'
  /** What did not go as meant, in one sentence of ours. */
  note: string | null
}

export const queriesMax = 20
const queryCharsMax = 300
const reasonCharsMax = 300

const planSchema = z.object({
  queries: z.array(z.object({ query: z.string(), reason: z.string() })),
})

/**
 * Plans the next round of queries. The model proposes; repetitions are dropped and the heuristic fills what
 * is missing, so the count always holds.
 */
export async function planQueries(
  input: PlanQueriesInput,
  model: LanguageModelPort | null,
): Promise<QueryPlan> {
  if (!Number.isInteger(input.count) || input.count < 1 || input.count > queriesMax) {
    throw new Refusal('ARGUMENT_INVALID', {
      path: 'count',
      problem: `must be a whole number from 1 to ${queriesMax}`,
    })
  }
  const sections = sectionCoverage(input)
  const fill = (taken: readonly PlannedQuery[]) =>
    heuristicQueries({ ...input, sections, taken, count: input.count - taken.length })
  if (!model) return { queries: fill([]), by: 'heuristic', note: null }
  try {
    const gaps = sections.map(({ title, coverage }) => `${title} (${coverage} sources)`)
    const proposed = await model.object({
      ...planPrompt({ ...input, gaps }),
      schema: planSchema,
      signal: input.signal,
    })
    const fresh = withoutRepetitions(proposed.queries, input)
    if (fresh.length === 0) {
      const note = 'The model proposed only queries that were asked before; the heuristic planned.'
      return { queries: fill([]), by: 'heuristic', note }
    }
    const missing = input.count - fresh.length
    const note = missing > 0 ? `The heuristic added ${missing} of ${input.count} queries.` : null
    return { queries: [...fresh, ...fill(fresh)], by: 'model', note }
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error
    return {
      queries: fill([]),
      by: 'heuristic',
      note: `The heuristic planned because ${error.message}.`,
    }
  }
}

/** Two questions with nearly the same topic words find the same pages. */
const alikeFrom = 0.8

function withoutRepetitions(
  proposed: readonly { query: string; reason: string }[],
  { pastQueries, count }: PlanQueriesInput,
): PlannedQuery[] {
  const known = pastQueries.map(termKeys)
  const fresh: PlannedQuery[] = []
  for (const each of proposed) {
    const query = clipLine(each.query, queryCharsMax)
    if (!query || fresh.length === count) continue
    const keys = termKeys(query)
    if (known.some((past) => similarity(past, keys) >= alikeFrom)) continue
    known.push(keys)
    fresh.push({ query, reason: clipLine(each.reason, reasonCharsMax) ?? 'Proposed by the model.' })
  }
  return fresh
}
