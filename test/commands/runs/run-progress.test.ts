import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nextMove, type RunMove } from '../../../src/commands/runs/next-move.ts'
import { isSpent, spendingOf } from '../../../src/commands/runs/run-progress.ts'
import * as article from '../../../src/events/articles/article-events.ts'
import type { RunTool } from '../../../src/events/runs/run-events.ts'
import { articleAfter, asked, at, created, now } from '../../support/article-facts.ts'
import { runPaused, runResumed, runStarted, stepBegun, stepEnded } from '../../support/run-facts.ts'

const noLinks = article.UrlsExtracted({ links: [], local_files: [], extracted_at: at })

function stateAfter(...events: article.ArticleEvent[]) {
  const state = articleAfter(created, noLinks, ...events)
  const [run] = state.runs.values()
  assert.ok(run)
  return { state, run }
}

function moveAfter(...events: article.ArticleEvent[]): RunMove {
  const { state, run } = stateAfter(...events)
  return nextMove(state, run, now, { firstPauseMs: 60_000 })
}

const kindAsked = (move: RunMove) => (move.do === 'ask' ? move.question.kind : null)
const begins = (tool: RunTool): RunMove => ({ do: 'begin', tools: [tool] })
const compile = 'create_research_file'
const search = 'run_perplexity_research'

describe('the budget of a run', () => {
  for (const [name, budget, cost] of [
    ['calls', { calls: 1, cost_usd: null, minutes: null }, null],
    ['money', { calls: null, cost_usd: 0.5, minutes: null }, 0.5],
  ] as const) {
    const spent = [
      runStarted({ rounds: 3, budget }),
      stepBegun(1, 'generate_next_queries'),
      asked(1, 1),
      stepEnded(1, 'done', cost),
    ]
    it(`is a question when it is spent: ${name}`, () => {
      assert.equal(kindAsked(moveAfter(...spent)), 'budget')
    })
    it(`lets the run compile what it has, or spend as much again: ${name}`, () => {
      const question = runPaused({ kind: 'budget', tool: null })
      assert.deepEqual(moveAfter(...spent, question, runResumed('continue')), begins(compile))
      assert.deepEqual(moveAfter(...spent, question, runResumed('retry')), begins(search))
    })
  }

  it('of time leaves pauses out', () => {
    const budget = { calls: null, cost_usd: null, minutes: 5 }
    const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
    const long = runStarted({ budget, started_at: minutesAgo(5) })
    assert.equal(kindAsked(moveAfter(long)), 'budget')
    const paused = [
      runStarted({ budget, started_at: minutesAgo(60) }),
      runPaused({ paused_at: minutesAgo(59) }),
      {
        ...runResumed('continue'),
        data: { ...runResumed('continue').data, resumed_at: minutesAgo(3) },
      },
    ]
    assert.equal(moveAfter(...paused).do, 'begin')
  })

  it('is not spent by a call that found nothing to do', () => {
    const budget = { calls: 1, cost_usd: null, minutes: null }
    const nothing = [stepBegun(1, 'select_research_sources_to_keep'), stepEnded(1, 'nothing')]
    assert.equal(moveAfter(noLinks, runStarted({ budget }), ...nothing).do, 'begin')
  })

  it('adds up what operations and other services cost', () => {
    const ran = [
      runStarted({ budget: { calls: null, cost_usd: 0.75, minutes: null } }),
      stepBegun(1, 'generate_next_queries', 'call1', 3),
      asked(1, 1),
      stepEnded(1, 'done', 0.25),
      stepBegun(2, search, 'call2', 5),
      article.OperationStarted({
        operation_id: 'call2',
        tool: search,
        items: [1],
        usage_month: '2026-05',
        usage_weight: 5,
        started_at: at,
      }),
      article.ResearchResultRecorded({
        operation_id: 'call2',
        query_number: 1,
        provider: 'exa',
        answer: null,
        found: [],
        cost_usd: 0.5,
        recorded_at: at,
      }),
    ]
    const { state, run } = stateAfter(...ran)
    assert.deepEqual(spendingOf(state, run, now), { calls: 8, costUsd: 0.75, ms: 0 })
    assert.equal(isSpent(state, run, now), true)
  })
})
