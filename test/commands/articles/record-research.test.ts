import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  decideRecordQueryFailed,
  decideRecordResult,
} from '../../../src/commands/articles/record-research.ts'
import { ResearchQueryFailed } from '../../../src/events/articles/article-events.ts'
import type { NewEvent } from '../../../src/events/define-event.ts'
import {
  articleSpec,
  asked,
  at,
  created,
  extracted,
  found,
  now,
  started,
} from '../../support/article-facts.ts'

const research = 'run_perplexity_research'
const page = (url: string) => ({ url, title: 'T', snippet: null, published_at: null, cited: false })
const command = (queryNumber: number, ...urls: string[]) => ({
  operationId: 'op1',
  queryNumber,
  provider: 'searxng',
  answer: null,
  sources: urls.map(page),
  costUsd: null,
  now,
})
const asking = [created, extracted, asked(1, 1, 2), started(research, [1, 2])]

describe('record a result', () => {
  const given = articleSpec(decideRecordResult)
  const numbers = (...events: readonly NewEvent[]) => ({
    of: (result: ReturnType<typeof command>) => {
      let list: [number, boolean][] = []
      given(...events)
        .when(result)
        .thenCheck(([event]) => {
          assert.ok(event?.type === 'ResearchResultRecorded')
          list = event.data.found.map((item) => [item.source, item.first])
        })
      return list
    },
  })
  it('numbers new pages after every number given so far', () => {
    assert.deepEqual(
      numbers(...asking).of(command(1, 'https://x.example/', 'https://y.example/')),
      [
        [5, true],
        [6, true],
      ],
    )
  })
  it('keeps the number of a page found before, or named by the guideline', () => {
    const again = command(2, 'https://A.example/1#top', 'https://a.example/9', 'https://z.example/')
    assert.deepEqual(numbers(...asking, found(1, 9)).of(again), [
      [1, false],
      [9, false],
      [10, true],
    ])
  })
  it('counts a page named twice in one answer once', () => {
    const twice = command(1, 'https://x.example/?utm_source=a', 'https://x.example/')
    assert.deepEqual(numbers(...asking).of(twice), [[5, true]])
  })
  it('drops the result of a second worker', () => {
    given(...asking, found(1, 9))
      .when(command(1, 'https://x.example/'))
      .thenNothing()
  })
})

describe('record a failed query', () => {
  const given = articleSpec(decideRecordQueryFailed)
  it('records it once; an answered query does not fail any more', () => {
    const failure = { operationId: 'op1', queryNumber: 1, reason: 'TIMEOUT', detail: null, now }
    given(...asking)
      .when(failure)
      .thenEvents(
        ResearchQueryFailed({
          operation_id: 'op1',
          query_number: 1,
          reason: 'TIMEOUT',
          detail: null,
          failed_at: at,
        }),
      )
    given(...asking, found(1, 9))
      .when(failure)
      .thenNothing()
  })
})
