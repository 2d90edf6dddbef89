import { describe, it } from 'node:test'
import {
  decideAnswerRun,
  decideCancelRun,
  decideStartRun,
} from '../../../src/commands/runs/research-run.ts'
import {
  articleId,
  articleSpec,
  cancelled,
  created,
  extracted,
  now,
  started,
} from '../../support/article-facts.ts'
import {
  runCancelled,
  runFinished,
  runPaused,
  runResumed,
  runStarted,
  stepBegun,
} from '../../support/run-facts.ts'

const start = {
  articleId,
  runId: 'run1',
  rounds: 1,
  decidedBy: 'heuristic' as const,
  budget: { calls: null, costUsd: null, minutes: null },
  keepGoing: false,
  now,
}
const web = 'scrape_and_clean_other_urls'

describe('start a run', () => {
  const given = articleSpec(decideStartRun)
  it('begins the first, and another after the last has ended', () => {
    given(created).when(start).thenEvents(runStarted())
    const again = { ...start, runId: 'run2' }
    given(created, runStarted(), runFinished)
      .when(again)
      .thenEvents(runStarted({ run_id: 'run2' }))
    given(created, runStarted(), runCancelled)
      .when(again)
      .thenEvents(runStarted({ run_id: 'run2' }))
  })
  it('means the run that it began before, also when that has ended meanwhile', () => {
    given(created, runStarted(), runFinished).when(start).thenNothing()
    const repeated = { ...start, runId: 'run2', repeats: 'run1' }
    given(created, runStarted(), runFinished).when(repeated).thenNothing()
    given(created)
      .when({ ...repeated, repeats: 'lost' })
      .thenEvents(runStarted({ run_id: 'run2' }))
  })
  it('joins the one that is at work or asks', () => {
    const other = { ...start, runId: 'run2' }
    given(created, runStarted()).when(other).thenNothing()
    given(created, runStarted(), runPaused()).when(other).thenNothing()
  })
})

describe('answer a run', () => {
  const given = articleSpec(decideAnswerRun)
  const answer = (decision: 'retry' | 'continue' | 'stop', question = 1) => ({
    articleId,
    question,
    decision,
    now,
  })
  const paused = [created, extracted, runStarted(), runPaused()]
  it('goes on as the answer says', () => {
    given(...paused)
      .when(answer('retry'))
      .thenEvents(runResumed('retry'))
    given(...paused)
      .when(answer('continue'))
      .thenEvents(runResumed('continue'))
  })
  it('ends it when the answer is to stop', () => {
    given(...paused)
      .when(answer('stop'))
      .thenEvents(runCancelled)
  })
  it('refuses an answer to a question that is not asked, or no longer', () => {
    given(created, runStarted()).when(answer('retry')).thenRefused('RUN_NOT_ASKING')
    given(...paused, runResumed('retry'))
      .when(answer('retry'))
      .thenRefused('RUN_NOT_ASKING')
    given(...paused)
      .when(answer('retry', 2))
      .thenRefused('RUN_NOT_ASKING')
  })
  it('refuses what the question does not offer', () => {
    given(created, runStarted(), runPaused({ choices: ['continue', 'stop'] }))
      .when(answer('retry'))
      .thenRefused('RUN_CHOICE_UNKNOWN')
  })
  it('refuses where there is no run', () => {
    given(created).when(answer('retry')).thenRefused('RUN_UNKNOWN')
  })
})

describe('cancel a run', () => {
  const given = articleSpec(decideCancelRun)
  it('asks the operations that it has at work to end, and no others', () => {
    given(
      created,
      extracted,
      started('process_github_urls', [3], 'agents'),
      runStarted(),
      stepBegun(1, web, 'op1'),
      started(web, [1, 2], 'op1'),
    )
      .when({ articleId, now })
      .thenEvents(cancelled('op1'), runCancelled)
  })
  it('ends one that asks', () => {
    given(created, runStarted(), runPaused()).when({ articleId, now }).thenEvents(runCancelled)
  })
  it('does nothing twice, and nothing to a run that has finished', () => {
    given(created, runStarted(), runCancelled).when({ articleId, now }).thenNothing()
    given(created, runStarted(), runFinished).when({ articleId, now }).thenRefused('RUN_FINISHED')
  })
})
