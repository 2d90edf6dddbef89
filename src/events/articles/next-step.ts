import { isRunOpen } from '../runs/run-state.ts'
import { openOperations, totalFailures } from './article-operations.ts'
import type { ExistingArticle } from './article-state.ts'
import { guidelineKinds, slowToolFor } from './slow-tools.ts'

export interface NextStep {
  /** The tool to call next, or null when nothing is left to do. */
  tool: string | null
  why: string
}

/** Research rounds that the workflow promises before sources are selected. */
export const plannedRounds = 3

/**
 * What to do next with an article, for an agent that lost its place. A suggestion: every tool can be
 * called whenever it has something to work on.
 */
export function nextStep(article: ExistingArticle): NextStep {
  if (article.archived) {
    return {
      tool: null,
      why: 'The article is archived; archive_article with archived false takes it back.',
    }
  }
  const run = [...article.runs.values()].find(isRunOpen)
  if (run) {
    return run.question
      ? {
          tool: 'research_article',
          why: 'A run has paused and asks: put its question to the user.',
        }
      : { tool: 'research_article', why: 'A run is at work: this joins it and waits.' }
  }
  const [running] = openOperations(article)
  if (running) return { tool: 'get_operation', why: `${running.tool} is still running.` }
  if (!article.extracted) {
    return { tool: 'extract_guidelines_urls', why: 'The guideline has not been read yet.' }
  }
  if (article.status === 'failed') {
    const failed = totalFailures(article).join(', ')
    return { tool: null, why: `Everything failed in ${failed}: quote it to the user and ask.` }
  }
  const pending = pendingByTool(article)
  if (pending) return pending
  const waiting = [...article.queries.values()].some((query) => query.state === 'waiting')
  if (waiting) return { tool: slowToolFor('queries'), why: 'Queries are waiting to be run.' }
  if (article.rounds < plannedRounds) {
    return {
      tool: 'generate_next_queries',
      why: `Research round ${article.rounds + 1} of ${plannedRounds} comes next.`,
    }
  }
  const undecided = [...article.sources.values()].some(
    (source) => source.origin === 'research' && source.decision === null,
  )
  if (undecided) {
    return {
      tool: 'select_research_sources_to_keep',
      why: 'Some results are neither kept nor rejected.',
    }
  }
  return finalStep(article)
}

/** Whether research.md says all there is. A file changes no status, so its time tells that it came later. */
export function isResearchCurrent(article: ExistingArticle): boolean {
  const { compiled, sources, status } = article
  if (status !== 'completed' || !compiled) return false
  return ![...sources.values()].some(
    (source) => source.origin === 'file' && (source.retrievedAt ?? '') > compiled.at,
  )
}

function pendingByTool(article: ExistingArticle): NextStep | null {
  for (const kind of guidelineKinds) {
    const left = [...article.sources.values()].filter(
      (source) =>
        source.origin === 'guideline' && source.kind === kind && source.state === 'pending',
    ).length
    if (left)
      return { tool: slowToolFor(kind), why: `Sources of the guideline are not read yet: ${left}.` }
  }
  return null
}

function finalStep(article: ExistingArticle): NextStep {
  const sources = [...article.sources.values()]
  const kept = sources.some((source) => source.decision?.keep)
  if (kept && !article.choiceMade) {
    return {
      tool: 'select_research_sources_to_scrape',
      why: 'The best of the kept sources can be read in full.',
    }
  }
  if (sources.some((source) => source.chosen && source.state === 'pending')) {
    return { tool: slowToolFor('chosen'), why: 'Chosen sources are not read yet.' }
  }
  if (!isResearchCurrent(article)) {
    return { tool: 'create_research_file', why: 'Everything is gathered.' }
  }
  return { tool: null, why: 'research.md is ready; read_research reads it.' }
}
