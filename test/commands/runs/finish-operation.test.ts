import { describe, it } from 'node:test'
import {
  decideCancelOperation,
  decideFinishOperation,
} from '../../../src/commands/runs/finish-operation.ts'
import { OperationCancelled } from '../../../src/events/articles/article-events.ts'
import {
  archived,
  articleSpec,
  at,
  created,
  extracted,
  failed,
  finished,
  now,
  scraped,
  started,
} from '../../support/article-facts.ts'

const web = 'scrape_and_clean_other_urls'
const command = { operationId: 'op1', now }
const cancelled = OperationCancelled({ operation_id: 'op1', cancelled_at: at })
const running = [created, extracted, started(web, [1, 2])]

describe('finish an operation', () => {
  const given = articleSpec(decideFinishOperation)
  it('is completed when something worked', () => {
    given(...running, scraped(1), failed(2, true))
      .when(command)
      .thenEvents(finished(web, 'completed', 1, 1))
  })
  it('is completed when there was nothing to be done', () => {
    given(...running)
      .when(command)
      .thenEvents(finished(web, 'completed', 0, 0))
  })
  it('is cancelled when the article was archived meanwhile', () => {
    given(...running, scraped(1), archived)
      .when(command)
      .thenEvents(finished(web, 'cancelled', 1, 0))
  })
  it('is failed when nothing worked', () => {
    given(...running, failed(1, true), failed(2, true))
      .when(command)
      .thenEvents(finished(web, 'failed', 0, 2))
  })
  it('is cancelled when that was asked for, with what was done counted', () => {
    given(...running, scraped(1), cancelled)
      .when(command)
      .thenEvents(finished(web, 'cancelled', 1, 0))
  })
  it('adds nothing for a worker that wakes up late', () => {
    given(...running, scraped(1), finished(web, 'completed', 1, 0))
      .when(command)
      .thenNothing()
    given(created).when(command).thenNothing()
  })
})

describe('cancel an operation', () => {
  const given = articleSpec(decideCancelOperation)
  it('is a request, recorded once', () => {
    given(...running)
      .when(command)
      .thenEvents(cancelled)
    given(...running, cancelled)
      .when(command)
      .thenNothing()
  })
  it('refuses what is unknown or over', () => {
    given(created).when(command).thenRefused('OPERATION_NOT_FOUND')
    given(...running, finished(web, 'completed', 1, 1))
      .when(command)
      .thenRefused('OPERATION_FINISHED')
  })
})
