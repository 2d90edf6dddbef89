import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileResearch } from '../../../src/research/compile/compile-research.ts'
import { input, keep, query, read, reject, source } from '../../support/research-input.ts'

/** The text of one section of ours. */
function section(markdown: string, heading: string): string {
  const from = markdown.indexOf(`\n## ${heading}\n`)
  assert.ok(from >= 0, heading)
  const to = markdown.indexOf('\n## ', from + 1)
  return markdown.slice(from, to < 0 ? undefined : to)
}

describe('what a reader of research.md meets', () => {
  it('describes a source where it was found first, and says who named it', () => {
    const results = section(
      compileResearch(
        input({
          queries: [
            query(1, { found: [1, 2] }),
            query(2, { found: [2, 3, 1] }),
            query(3, { found: [1] }),
          ],
          sources: [
            source(1, { origin: 'guideline', snippet: null, ...read('x') }),
            source(2),
            source(3, { decision: keep, publishedAt: '2026-01-01' }),
          ],
        }),
      ),
      'Research Results',
    )
    assert.match(results, /- \[1\] Title 1, \S+ \(named by the guideline, read in full\)\n/)
    assert.match(results, /- \[2\] Title 2, \S+ \(not judged\)/)
    assert.match(
      results,
      /- \[3\] Title 3, \S+ \(2026-01-01\) {2}\n {2}Snippet 3\n\nFound again: \[2\], \[1\]\n/,
    )
    assert.match(results, /Query 3[\s\S]*\n\nOnly found again: \[1\]\n/)
    assert.equal(results.match(/Snippet 2/g)?.length, 1)
  })

  it('tells at its head how much was asked and read', () => {
    const markdown = compileResearch(
      input({
        queries: [query(1), query(2, { round: 2 })],
        sources: [
          source(1, { ...read('x') }),
          source(2, { state: 'failed' }),
          source(3),
          source(4, { decision: reject }),
        ],
      }),
    )
    assert.match(markdown, /\n- Queries: 2 in 2 rounds\n/)
    assert.match(markdown, /\n- Sources: 4 \(1 read in full, 1 failed, 1 not read, 1 rejected\)\n/)
  })

  it('says why a page was not read, without naming its address twice', () => {
    const failed = source(1, {
      origin: 'guideline',
      title: '',
      state: 'failed',
      failure: { reason: 'NOT_FOUND', detail: 'status 404' },
    })
    assert.match(
      section(compileResearch(input({ sources: [failed] })), 'Additional Sources Scraped'),
      /_No other page of the guideline was read\._\n\nCould not be read:\n\n- \[1\] <https:\/\/site1\.example\/page>: NOT_FOUND \(status 404\)\. There is no such page\.\n/,
    )
  })
})
