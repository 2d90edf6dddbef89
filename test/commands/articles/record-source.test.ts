import { describe, it } from 'node:test'
import {
  decideRecordFailed,
  decideRecordScraped,
} from '../../../src/commands/articles/record-source.ts'
import {
  archived,
  articleSpec,
  created,
  extracted,
  failed,
  finished,
  now,
  ref,
  scraped,
  started,
} from '../../support/article-facts.ts'

const web = 'scrape_and_clean_other_urls'
const outcome = { operationId: 'op1', source: 1, url: 'https://a.example/1' }
const command = {
  ...outcome,
  gathered: {
    title: 'Page 1',
    markdown: '# Page 1',
    snapshot: null,
    finalUrl: 'https://a.example/1',
    retrievedAt: now,
    converter: 'web/1',
    facts: {},
    notes: [],
  },
  markdown: ref(201),
  snapshot: ref(101),
  cleanedBy: null,
}

describe('record a source', () => {
  const given = articleSpec(decideRecordScraped)
  it('records what was read', () => {
    given(created, extracted, started(web, [1, 2]))
      .when(command)
      .thenEvents(scraped(1))
  })
  it('drops the result of a second worker', () => {
    given(created, extracted, started(web, [1, 2]), scraped(1))
      .when(command)
      .thenNothing()
    given(created, extracted, started(web, [1, 2]), failed(1, true))
      .when(command)
      .thenNothing()
  })
  it('drops a result that belongs to no operation', () => {
    given(created, extracted).when(command).thenNothing()
    given(created, extracted, started(web, [2]))
      .when(command)
      .thenNothing()
  })
  it('drops a result for an article that was archived meanwhile', () => {
    given(created, extracted, started(web, [1, 2]), archived)
      .when(command)
      .thenNothing()
  })
  it('keeps a result that came in while the operation was ending', () => {
    given(created, extracted, started(web, [1, 2]), finished(web, 'cancelled', 0, 0))
      .when(command)
      .thenEvents(scraped(1))
  })
})

describe('record a failure', () => {
  const given = articleSpec(decideRecordFailed)
  const failure = { reason: 'TIMEOUT' as const, detail: undefined, retryable: true }
  it('records the reason once', () => {
    given(created, extracted, started(web, [1]))
      .when({ ...outcome, failure, now })
      .thenEvents(failed(1, true))
    given(created, extracted, started(web, [1]), failed(1, true))
      .when({ ...outcome, failure, now })
      .thenNothing()
  })
})
