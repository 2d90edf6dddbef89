import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nextMove, type RunMove } from '../../../src/commands/runs/next-move.ts'
import type { ArticleEvent } from '../../../src/events/articles/article-events.ts'
import * as article from '../../../src/events/articles/article-events.ts'
import type { SlowTool } from '../../../src/events/articles/slow-tools.ts'
import type { RunTool } from '../../../src/events/runs/run-events.ts'
import {
  articleAfter,
  asked,
  at,
  chosen,
  created,
  extracted,
  failed,
  found,
  link,
  now,
  scraped,
  selected,
} from '../../support/article-facts.ts'
import {
  runCancelled,
  runPaused,
  runResumed,
  runStarted,
  stepBegun,
  stepDone,
  stepEnded,
} from '../../support/run-facts.ts'

const firstPauseMs = 60_000

function moveAfter(...events: ArticleEvent[]): RunMove {
  const state = articleAfter(created, ...events)
  const [run] = state.runs.values()
  assert.ok(run)
  return nextMove(state, run, now, { firstPauseMs })
}

const begins = (...tools: RunTool[]): RunMove => ({ do: 'begin', tools })
const asks = (move: RunMove) => {
  assert.equal(move.do, 'ask')
  return move.do === 'ask' ? move.question : assert.fail()
}

const web = 'scrape_and_clean_other_urls'
const github = 'process_github_urls'
const search = 'run_perplexity_research'
const keep = 'select_research_sources_to_keep'
const choose = 'select_research_sources_to_scrape'
const compile = 'create_research_file'

const oneLink = article.UrlsExtracted({
  links: [link(3, 'github')],
  local_files: [],
  extracted_at: at,
})
const noLinks = article.UrlsExtracted({ links: [], local_files: [], extracted_at: at })

const operation = (tool: SlowTool, items: number[], id: string) =>
  article.OperationStarted({
    operation_id: id,
    tool,
    items,
    usage_month: '2026-05',
    usage_weight: 1,
    started_at: at,
  })
const operationEnded = (
  tool: SlowTool,
  id: string,
  outcome: 'completed' | 'failed' | 'cancelled',
) =>
  article.OperationFinished({
    operation_id: id,
    tool,
    outcome,
    succeeded: outcome === 'completed' ? 1 : 0,
    failed: outcome === 'failed' ? 1 : 0,
    finished_at: at,
  })
/** A slow step of one item, from its beginning to the end of its operation. */
const worked = (
  step: number,
  tool: SlowTool,
  item: number,
  outcome: article.ArticleEvent,
  end: 'completed' | 'failed' | 'cancelled',
) => [
  stepBegun(step, tool),
  operation(tool, [item], `call${step}`),
  outcome,
  operationEnded(tool, `call${step}`, end),
]
const githubFailed = (retryable: boolean) => [
  oneLink,
  runStarted(),
  ...worked(1, github, 3, failed(3, retryable, 'call1'), 'failed'),
  stepEnded(1, 'failed'),
]
/** One answered query, which found source 8. */
const searched = (step: number) => [
  asked(1, 1),
  ...stepDone(step, 'generate_next_queries'),
  stepBegun(step + 1, search),
  operation(search, [1], `call${step + 1}`),
  { ...found(1, 8), data: { ...found(1, 8).data, operation_id: `call${step + 1}` } },
  operationEnded(search, `call${step + 1}`, 'completed'),
  stepEnded(step + 1),
]

describe('the next move of a run', () => {
  it('goes the way of the workflow from a new article to the end', () => {
    const start = [runStarted(), ...stepDone(1, 'extract_guidelines_urls')]
    assert.deepEqual(moveAfter(runStarted()), begins('extract_guidelines_urls'))
    assert.deepEqual(moveAfter(noLinks, ...start), begins('generate_next_queries'))
    assert.deepEqual(moveAfter(noLinks, ...start, asked(1, 1)), begins(search))
    const afterSearch = [noLinks, ...start, ...searched(2)]
    assert.deepEqual(moveAfter(...afterSearch), begins(keep))
    const afterKeep = [...afterSearch, selected([8, true]), ...stepDone(4, keep)]
    assert.deepEqual(moveAfter(...afterKeep), begins(choose))
    const afterChoice = [...afterKeep, chosen(8), ...stepDone(5, choose)]
    assert.deepEqual(moveAfter(...afterChoice), begins('scrape_research_urls'))
    const read = [
      ...afterChoice,
      ...worked(6, 'scrape_research_urls', 8, scraped(8, 'call6'), 'completed'),
      stepEnded(6),
    ]
    assert.deepEqual(moveAfter(...read), begins(compile))
    assert.deepEqual(moveAfter(...read, ...stepDone(7, compile)), { do: 'finish' })
  })

  it('reads all kinds of the guideline’s sources side by side, and nothing else meanwhile', () => {
    assert.deepEqual(
      moveAfter(extracted, runStarted()),
      begins(web, github, 'transcribe_youtube_urls'),
    )
    const webAtWork = [stepBegun(1, web), operation(web, [1, 2], 'call1')]
    assert.deepEqual(
      moveAfter(extracted, runStarted(), ...webAtWork),
      begins(github, 'transcribe_youtube_urls'),
    )
    const only = article.UrlsExtracted({ links: [link(1)], local_files: [], extracted_at: at })
    const atWork = [stepBegun(1, web), operation(web, [1], 'call1')]
    assert.deepEqual(moveAfter(only, runStarted(), ...atWork), { do: 'wait' })
  })

  it('makes the call that is on record, after any crash, and no other', () => {
    const move = moveAfter(extracted, runStarted(), stepBegun(1, web))
    assert.equal(move.do === 'perform' && move.step.callId, 'call1')
  })

  it('waits for another call’s operation of the same tool before it begins its own', () => {
    const theirs = operation(github, [3], 'agents-call')
    assert.deepEqual(moveAfter(oneLink, theirs, runStarted(), stepBegun(1, github)), { do: 'wait' })
  })

  it('asks when 0 of N succeeded, quotes the failures and names the choices', () => {
    const question = asks(moveAfter(...githubFailed(true)))
    assert.equal(question.kind, 'all_failed')
    assert.equal(question.tool, github)
    assert.deepEqual(question.failures, [{ item: 3, reason: 'TIMEOUT', detail: null }])
    assert.deepEqual(question.choices, ['retry', 'continue', 'stop'])
    assert.equal(question.retryAfterMs, firstPauseMs)
  })

  it('offers no second try of what cannot pass', () => {
    const question = asks(moveAfter(...githubFailed(false)))
    assert.deepEqual(question.choices, ['continue', 'stop'])
    assert.equal(question.retryAfterMs, null)
  })

  it('does nothing while its question is open, but ends what is still at work', () => {
    assert.deepEqual(moveAfter(...githubFailed(true), runPaused()), { do: 'wait' })
    const other = [stepBegun(2, web), operation(web, [1], 'call2')]
    const ended = operationEnded(web, 'call2', 'completed')
    const move = moveAfter(...githubFailed(true), ...other, runPaused(), ended)
    assert.equal(move.do === 'end' && move.step.number, 2)
  })

  it('tries again by itself when its time has come, ever later, and at last waits for a person', () => {
    const due = runPaused({ resumes_at: at })
    assert.deepEqual(moveAfter(...githubFailed(true), due), { do: 'resume' })
    const later = new Date(now.getTime() + 1).toISOString()
    assert.deepEqual(moveAfter(...githubFailed(true), runPaused({ resumes_at: later })), {
      do: 'wait',
    })
    const history: ArticleEvent[] = [...githubFailed(true)]
    const pauses: (number | null)[] = []
    for (let step = 2; step < 12; step += 1) {
      pauses.push(asks(moveAfter(...history)).retryAfterMs)
      history.push(
        runPaused({ question: step - 1 }),
        runResumed('retry', 'schedule', step - 1),
        ...worked(step, github, 3, failed(3, true, `call${step}`), 'failed'),
        stepEnded(step, 'failed'),
      )
    }
    assert.deepEqual(
      pauses.map((ms) => ms && ms / 60_000),
      [1, 2, 4, 8, 16, 30, 30, 30, null, null],
    )
  })

  it('calls the same tool again when a person says so', () => {
    const move = moveAfter(...githubFailed(true), runPaused(), runResumed('retry'))
    assert.deepEqual(move, begins(github))
  })

  it('goes on without what a person gives up, and never asks about it again', () => {
    const move = moveAfter(...githubFailed(true), runPaused(), runResumed('continue'))
    assert.deepEqual(move, begins('generate_next_queries'))
  })

  it('plans no further round without the search that failed altogether', () => {
    const history = [
      noLinks,
      runStarted({ rounds: 3 }),
      asked(1, 1),
      ...stepDone(1, 'generate_next_queries'),
      stepBegun(2, search),
      operation(search, [1], 'call2'),
      article.ResearchQueryFailed({
        operation_id: 'call2',
        query_number: 1,
        reason: 'PROVIDER_DOWN',
        detail: null,
        failed_at: at,
      }),
      operationEnded(search, 'call2', 'failed'),
      stepEnded(2, 'failed'),
    ]
    assert.deepEqual(asks(moveAfter(...history)).choices, ['retry', 'continue', 'stop'])
    const accepted = [...history, runPaused({ tool: search }), runResumed('continue')]
    assert.deepEqual(moveAfter(...accepted), begins(compile))
  })

  it('counts its own rounds, whatever the article had before', () => {
    const before = [noLinks, asked(1, 1), found(1, 8), selected([8, false])]
    assert.deepEqual(moveAfter(...before, runStarted()), begins('generate_next_queries'))
    assert.deepEqual(moveAfter(...before, runStarted({ rounds: 0 })), begins(compile))
  })

  it('plans no more when there was nothing new to ask', () => {
    const nothing = [stepBegun(1, 'generate_next_queries'), stepEnded(1, 'nothing')]
    assert.deepEqual(moveAfter(noLinks, runStarted({ rounds: 3 }), ...nothing), begins(compile))
  })

  it('does not begin again what somebody cancelled by itself', () => {
    const history = [
      oneLink,
      runStarted({ rounds: 0 }),
      stepBegun(1, github),
      operation(github, [3], 'call1'),
      operationEnded(github, 'call1', 'cancelled'),
      stepEnded(1, 'nothing'),
    ]
    assert.deepEqual(moveAfter(...history), begins(compile))
  })

  it('asks when a step was refused, and cannot go on without the links', () => {
    const broken = [
      runStarted(),
      stepBegun(1, 'extract_guidelines_urls'),
      stepEnded(1, 'failed', null, 'LINKS_TOO_MANY'),
    ]
    const question = asks(moveAfter(...broken))
    assert.equal(question.kind, 'step_failed')
    assert.equal(question.code, 'LINKS_TOO_MANY')
    assert.deepEqual(question.choices, ['retry', 'stop'])
  })

  it('is none after it was cancelled', () => {
    assert.deepEqual(moveAfter(extracted, runStarted(), runCancelled), { do: 'wait' })
  })
})
