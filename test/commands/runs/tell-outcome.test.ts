import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decideTellOutcome, type Try } from '../../../src/commands/runs/tell-outcome.ts'
import type { NewEvent } from '../../../src/events/define-event.ts'
import {
  ResearchRunOutcomeNotSent,
  ResearchRunOutcomeSent,
} from '../../../src/events/runs/run-events.ts'
import { articleId, articleSpec, created, now } from '../../support/article-facts.ts'
import { runCancelled, runFinished, runStarted } from '../../support/run-facts.ts'

const failed: Try = { sent: false, reason: 'TIMEOUT', detail: null, retryable: true }
const told = (tried: Try) => ({
  articleId,
  runId: 'run1',
  receiver: 'user' as const,
  tried,
  now,
})
const sent = (attempt: number) =>
  ResearchRunOutcomeSent({
    run_id: 'run1',
    receiver: 'user',
    attempt,
    status: 200,
    sent_at: now.toISOString(),
  })
const notSent = (attempt: number, gaveUp = false, reason = 'TIMEOUT') =>
  ResearchRunOutcomeNotSent({
    run_id: 'run1',
    receiver: 'user',
    attempt,
    reason,
    detail: null,
    gave_up: gaveUp,
    tried_at: now.toISOString(),
  })

describe('tell how a run ended', () => {
  const given = articleSpec(decideTellOutcome)
  const ended: NewEvent[] = [created, runStarted(), runFinished]

  it('notes each try, and none after one that was taken', () => {
    given(...ended)
      .when(told(failed))
      .thenEvents(notSent(1))
    given(...ended, notSent(1))
      .when(told({ sent: true, status: 200 }))
      .thenEvents(sent(2))
    given(...ended, sent(1))
      .when(told(failed))
      .thenNothing()
    given(created, runStarted(), runCancelled)
      .when(told({ sent: true, status: 200 }))
      .thenEvents(sent(1))
  })

  it('gives up at once what no other try can mend, and the rest after twelve', () => {
    const blocked: Try = { ...failed, reason: 'BLOCKED_ADDRESS', retryable: false }
    given(...ended)
      .when(told(blocked))
      .thenEvents(notSent(1, true, 'BLOCKED_ADDRESS'))
    given(...ended, notSent(1, true))
      .when(told(failed))
      .thenNothing()
    const eleven = Array.from({ length: 11 }, (_, i) => notSent(i + 1))
    given(...ended, ...eleven)
      .when(told(failed))
      .thenEvents(notSent(12, true))
  })

  it('tells nothing of a run that goes on, or that is not there', () => {
    given(created, runStarted()).when(told(failed)).thenNothing()
    given(created)
      .when(told(failed))
      .thenCheck((events) => assert.deepEqual(events, []))
  })
})
