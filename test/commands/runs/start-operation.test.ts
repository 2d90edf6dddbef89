import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decideStartOperation } from '../../../src/commands/runs/start-operation.ts'
import {
  articleId,
  articleSpec,
  asked,
  cancelled,
  chosen,
  created,
  extracted,
  failed,
  finished,
  found,
  now,
  scraped,
  selected,
  started,
} from '../../support/article-facts.ts'

const given = articleSpec(decideStartOperation)
const start = (tool: Parameters<typeof started>[0], operationId = 'op1') => ({
  articleId,
  tool,
  operationId,
  month: '2026-05',
  weight: 1,
  operationsMax: 0,
  now,
})
const web = 'scrape_and_clean_other_urls'

describe('start an operation', () => {
  it('works on the sources of its kind that are not read yet', () => {
    given(created, extracted)
      .when(start(web))
      .thenEvents(started(web, [1, 2]))
    given(created, extracted)
      .when(start('process_github_urls'))
      .thenEvents(started('process_github_urls', [3]))
  })
  it('says which tool comes first when the guideline was not read', () => {
    given(created).when(start(web)).thenRefused('STEP_OUT_OF_ORDER')
  })
  it('joins the running operation instead of starting another', () => {
    given(created, extracted, started(web, [1, 2], 'earlier'))
      .when(start(web))
      .thenNothing()
  })
  it('joins one that was cancelled and has not ended yet', () => {
    given(created, extracted, started(web, [1, 2], 'earlier'), cancelled('earlier'))
      .when(start(web))
      .thenNothing()
  })
  it('lets operations of different tools run side by side', () => {
    given(created, extracted, started(web, [1, 2], 'earlier'))
      .when(start('transcribe_youtube_urls'))
      .thenEvents(started('transcribe_youtube_urls', [4]))
  })
  it('tries failures again only when they may pass, and never what was read', () => {
    const before = [started(web, [1, 2]), failed(1, true), failed(2, false)]
    given(created, extracted, ...before, finished(web, 'failed', 0, 2))
      .when(start(web, 'op2'))
      .thenEvents(started(web, [1], 'op2'))
    given(created, extracted, started(web, [1, 2]), scraped(1), scraped(2))
      .when(start('process_github_urls', 'op2'))
      .thenEvents(started('process_github_urls', [3], 'op2'))
  })
  it('begins nothing for a call that repeats one whose operation is over', () => {
    const before = [started(web, [1, 2]), scraped(1), failed(2, true)]
    const over = [created, extracted, ...before, finished(web, 'completed', 1, 1)]
    given(...over)
      .when({ ...start(web, 'op2'), repeats: 'op1' })
      .thenNothing()
    given(...over)
      .when({ ...start(web, 'op2'), repeats: 'op0' })
      .thenEvents(started(web, [2], 'op2'))
  })
  it('has nothing to do when everything is read', () => {
    const read = [started(web, [1, 2]), scraped(1), scraped(2), finished(web, 'completed', 2, 0)]
    given(created, extracted, ...read)
      .when(start(web, 'op2'))
      .thenNothing()
  })
  it('asks the queries that have no answer yet', () => {
    const research = 'run_perplexity_research'
    given(created, extracted).when(start(research)).thenRefused('QUERY_UNKNOWN')
    given(created, extracted, asked(1, 1, 2), started(research, [1]), found(1, 9))
      .when(start(web, 'op2'))
      .thenEvents(started(web, [1, 2], 'op2'))
    given(
      created,
      asked(1, 1, 2),
      started(research, [1]),
      found(1, 9),
      finished(research, 'completed', 1, 0),
    )
      .when(start(research, 'op2'))
      .thenEvents(started(research, [2], 'op2'))
  })
  it('reads chosen research sources, videos left out', () => {
    const video = {
      ...found(1, 9),
      data: {
        ...found(1, 9).data,
        found: found(1, 8, 9).data.found.map((item) =>
          item.source === 9 ? { ...item, kind: 'youtube' as const } : item,
        ),
      },
    }
    const before = [created, asked(1, 1), video]
    given(...before)
      .when(start('scrape_research_urls'))
      .thenRefused('STEP_OUT_OF_ORDER')
    given(...before, selected([8, true], [9, true]), chosen(9))
      .when(start('scrape_research_urls', 'op2'))
      .thenNothing()
    given(...before, selected([8, true], [9, true]), chosen(8, 9))
      .when(start('scrape_research_urls', 'op2'))
      .thenEvents(started('scrape_research_urls', [8], 'op2'))
  })
  it('bounds what one call works on', () => {
    const links = Array.from({ length: 80 }, (_, n) => ({
      source: n + 1,
      url: `https://a.example/${n}`,
      canonical: `https://a.example/${n}`,
      kind: 'web' as const,
    }))
    given(created, { ...extracted, data: { ...extracted.data, links } })
      .when(start(web))
      .thenCheck(([event]) => {
        assert.equal(event?.type === 'OperationStarted' && event.data.items.length, 50)
      })
  })
})
