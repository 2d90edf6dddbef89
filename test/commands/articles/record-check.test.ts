import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkableSources, decideRecordCheck } from '../../../src/commands/articles/record-check.ts'
import { LocalFileUploaded, SourceChecked } from '../../../src/events/articles/article-events.ts'
import * as facts from '../../support/article-facts.ts'

const read = [facts.created, facts.extracted, facts.started('scrape_and_clean_other_urls', [1, 2])]
const check = {
  source: 1,
  outcome: 'changed',
  sha256: facts.ref(7).sha256,
  now: facts.now,
} as const

const given = facts.articleSpec(decideRecordCheck)

describe('recording a check', () => {
  it('says what a page that was read answers now', () => {
    given(...read, facts.scraped(1))
      .when(check)
      .thenEvents(
        SourceChecked({
          source: 1,
          outcome: 'changed',
          sha256: check.sha256,
          checked_at: facts.at,
        }),
      )
  })

  it('adds nothing for a page that was never read, or is not there', () => {
    given(...read, facts.failed(2, true))
      .when({ ...check, source: 2 })
      .thenNothing()
    given(...read)
      .when({ ...check, source: 99 })
      .thenNothing()
  })

  it('adds nothing for what no one can ask again, and says why', () => {
    const file = LocalFileUploaded({
      source: 3,
      name: 'notes.md',
      original: facts.ref(1),
      markdown: facts.ref(2),
      uploaded_at: facts.at,
    })
    given(...read, file)
      .when({ ...check, source: 3 })
      .thenNothing()
    assert.deepEqual(
      checkableSources(facts.articleAfter(...read, file)).map(({ obstacle }) => obstacle),
      ['an uploaded file has no address'],
    )
  })

  it('asks again for captions, and not for what a model heard', () => {
    const heard = (revision: string | null) => {
      const event = facts.scraped(4)
      return { ...event, data: { ...event.data, snapshot: null, revision } }
    }
    const video = [...read, facts.started('transcribe_youtube_urls', [4], 'op1')]
    const obstacles = (revision: string | null) =>
      checkableSources(facts.articleAfter(...video, heard(revision))).map(
        ({ obstacle }) => obstacle,
      )
    assert.match(obstacles(null)[0] ?? '', /^a model wrote down what it heard/)
    assert.deepEqual(obstacles('captions 7'), [null])
    given(...video, heard(null))
      .when({ ...check, source: 4 })
      .thenNothing()
  })

  it('leaves the status of the article, and remembers the last answer', () => {
    const article = facts.articleAfter(...read, facts.scraped(1))
    const [event] = decideRecordCheck(check, article)
    assert.ok(event)
    const after = facts.articleAfter(...read, facts.scraped(1), event)
    assert.equal(after.status, article.status)
    assert.deepEqual(after.sources.get(1)?.checked, { outcome: 'changed', at: facts.at })
    assert.deepEqual(
      checkableSources(after).map(({ source, obstacle }) => [source.number, obstacle]),
      [[1, null]],
    )
  })
})
