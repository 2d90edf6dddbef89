import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compileResearch, researchParts } from '../../../src/research/compile/compile-research.ts'
import { input, keep, query, read, reject, source } from '../../support/research-input.ts'

const headings = (markdown: string) => markdown.match(/^#{1,2} .*$/gm)

/** The text of one section of ours. */
function section(markdown: string, heading: string): string {
  const from = markdown.indexOf(`\n## ${heading}\n`)
  assert.ok(from >= 0, heading)
  const to = markdown.indexOf('\n## ', from + 1)
  return markdown.slice(from, to < 0 ? undefined : to)
}

describe('research.md', () => {
  it('has its sections in order, and a message in each empty one', () => {
    const markdown = compileResearch(input())
    assert.deepEqual(headings(markdown), [
      '# Research',
      '## Coverage',
      '## Additional Sources Scraped',
      '## Code Sources',
      '## YouTube Video Transcripts',
      '## Local Files',
      '## Research Results',
      '## Sources Scraped From Research Results',
      '## Sources',
    ])
    for (const heading of headings(markdown)?.slice(1) ?? []) {
      assert.match(section(markdown, heading.slice(3)), /\n_[A-Z].*\._\n/)
    }
  })

  it('puts every source into the section of its kind and origin', () => {
    const markdown = compileResearch(
      input({
        sources: [
          source(1, { origin: 'guideline', kind: 'github', ...read('repo body') }),
          source(2, { origin: 'guideline', kind: 'youtube', ...read('video body') }),
          source(3, { origin: 'guideline', ...read('page body') }),
          source(4, { origin: 'file', kind: 'file', url: 'notes.md', ...read('file body') }),
          source(5, { decision: keep, ...read('found body') }),
        ],
      }),
    )
    const expected = {
      'Code Sources': 'repo body',
      'YouTube Video Transcripts': 'video body',
      'Additional Sources Scraped': 'page body',
      'Local Files': 'file body',
      'Sources Scraped From Research Results': 'found body',
    }
    for (const [heading, body] of Object.entries(expected)) {
      assert.ok(section(markdown, heading).includes(body), heading)
      assert.equal(markdown.split(body).length, 2, `${body} stands once`)
    }
    assert.match(
      section(markdown, 'Local Files'),
      /<summary>\[4\] Title 4<\/summary>\n\nnotes\.md\n/,
    )
  })

  it('groups results by query, with the article’s own numbers in the answer', () => {
    const markdown = compileResearch(
      input({
        queries: [
          query(2, { answer: 'Second [1].', found: [7] }),
          query(1, { answer: 'First [1] and [2], not [9].', found: [4, 7] }),
        ],
        sources: [source(4, { decision: keep }), source(7, { decision: keep })],
      }),
    )
    const results = section(markdown, 'Research Results')
    assert.match(
      results,
      /Query 1:[\s\S]*First \[4\] and \[7\], not \.[\s\S]*Query 2:[\s\S]*Second \[7\]\./,
    )
    assert.doesNotMatch(results, /Found:/, 'an answer names what it rests on')
    assert.match(
      section(markdown, 'Sources Scraped From Research Results'),
      /- \[4\] Title 4, <https:\/\/site4\.example\/page>\s+Snippet 4/,
    )
  })

  it('shows a rejected source in the table with its reason, and nowhere else', () => {
    const bad = source(2, {
      decision: reject,
      ...read('rejected body'),
      snippet: 'rejected snippet',
    })
    const markdown = compileResearch(
      input({
        queries: [
          query(1, {
            answer:
              'Kept [1]. Rejected [2]. See [this](https://site2.example/page#top), https://site2.example/page?utm_source=x, and [that](https://site1.example/page).',
            found: [1, 2],
          }),
          query(2, { answer: 'Written from the rejected page.', found: [2] }),
        ],
        sources: [source(1, { decision: keep }), bad],
      }),
    )
    const [before = '', table = ''] = markdown.split('\n## Sources\n')
    for (const trace of [
      'site2.example',
      'Title 2',
      'rejected body',
      'rejected snippet',
      '[2]',
      'Written from',
    ]) {
      assert.ok(!before.includes(trace), trace)
    }
    assert.match(
      before,
      /Kept \[1\]\. Rejected \. See this, \(link removed\), and \[that\]\(https:\/\/site1/,
    )
    assert.match(before, /Every source of this query was rejected/)
    assert.match(
      table,
      /\| 2 \| rejected \(Advertising\.\): Title 2, <https:\/\/site2\.example\/page> \|/,
    )
  })

  it('when all were rejected nothing comes back', () => {
    const sources = [1, 2].map((number) =>
      source(number, { decision: reject, ...read(`body ${number}`) }),
    )
    const [before = ''] = compileResearch(
      input({ queries: [query(1, { answer: 'All of it.', found: [1, 2] })], sources }),
    ).split('\n## Sources\n')
    assert.doesNotMatch(before, /example|Title|body|All of it/)
  })

  it('says which sources and queries failed and why, beside those that did not', () => {
    const failure = { reason: 'TIMEOUT', detail: '30 s' }
    const markdown = compileResearch(
      input({
        queries: [query(1, { state: 'failed', failure }), query(2, { state: 'waiting' })],
        sources: [
          source(1, { origin: 'guideline', state: 'failed', failure }),
          source(2, { origin: 'guideline', ...read('body two') }),
        ],
      }),
    )
    assert.match(section(markdown, 'Research Results'), /This query failed: TIMEOUT \(30 s\)\./)
    const additional = section(markdown, 'Additional Sources Scraped')
    assert.match(
      additional,
      /body two[\s\S]*Could not be read:\n\n- \[1\] Title 1, .*: TIMEOUT \(30 s\)/,
    )
    assert.match(section(markdown, 'Sources'), /\| 1 \| failed \|/)
  })

  it('lists every source by number and state, with title and address only where they stand nowhere else', () => {
    const markdown = compileResearch(
      input({
        sources: [
          source(12, { decision: keep, ...read('x') }),
          source(13, { origin: 'guideline' }),
          source(14, { decision: keep }),
        ],
      }),
    )
    assert.match(
      section(markdown, 'Sources'),
      /\| 12 \| read \|\n\| 14 \| kept \|\n\| 13 \| not read: Title 13, <https:\/\/site13\.example\/page> \|\n$/,
    )
  })

  it('keeps hostile titles, addresses, queries and notes on their line', () => {
    const evil = '</summary></details>\n## Sources\n| 9 | x |\n[3] `code` <b>'
    const markdown = compileResearch(
      input({
        title: evil,
        queries: [
          query(1, { query: evil, reason: evil, provider: evil, found: [1], answer: evil }),
        ],
        sources: [
          source(1, {
            title: evil,
            snippet: evil,
            url: 'https://a.example/|<x>`|',
            notes: [evil],
            ...read(evil),
          }),
          source(2, {
            title: evil,
            url: `file\n## B`,
            kind: 'file',
            origin: 'file',
            ...read(evil),
          }),
          source(3, { title: evil, decision: { keep: false, reason: evil } }),
        ],
      }),
    )
    assert.equal(headings(markdown)?.length, 9)
    assert.equal(markdown.match(/^<details><summary>/gm)?.length, 3)
    assert.equal(markdown.match(/^<\/details>$/gm)?.length, 3)
    assert.equal(
      markdown.match(/<(?!details><summary>|summary>|\/details>$|\/summary>|https?:)/gm),
      null,
    )
    const rows = section(markdown, 'Sources').match(/^\|.*$/gm) ?? []
    // Two of heading, one for those that were read, one for the rejected.
    assert.equal(rows.length, 4)
    for (const row of rows) assert.equal(row.match(/(?<!\\)\|/g)?.length, 3, row)
  })

  it('is the same bytes for the same input, whatever the order of sources and queries', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab<>#`\n[]()|:/- 1') })
    const arbitrary = fc.record({
      queries: fc.uniqueArray(
        fc.record({
          number: fc.nat(20),
          query: text,
          answer: fc.option(text),
          found: fc.array(fc.nat(9)),
        }),
        { selector: ({ number }) => number },
      ),
      sources: fc.uniqueArray(
        fc.record({
          number: fc.nat(9),
          title: text,
          markdown: fc.option(text),
          decision: fc.constantFrom(null, keep, reject),
        }),
        { selector: ({ number }) => number },
      ),
    })
    fc.assert(
      fc.property(arbitrary, (given) => {
        const whole = input({
          queries: given.queries.map(({ number, ...more }) => query(number, more)),
          sources: given.sources.map(({ number, ...more }) => source(number, more)),
        })
        const once = compileResearch(whole)
        const reversed = {
          ...whole,
          queries: [...whole.queries].reverse(),
          sources: [...whole.sources].reverse(),
        }
        assert.equal(compileResearch(structuredClone(whole)), once)
        assert.equal(compileResearch(reversed), once)
        assert.equal([...researchParts(whole)].join(''), once)
        assert.equal(headings(withoutCode(once))?.length, 9)
      }),
      { numRuns: 200 },
    )
  })

  it('holds three hundred sources of half a megabyte', () => {
    const body = `${'A line of text with <b>tags</b> and [links](https://x.example/).\n'.repeat(7_500)}`
    const sources = Array.from({ length: 300 }, (_, n) =>
      source(n + 1, { decision: keep, ...read(body) }),
    )
    let size = 0
    for (const part of researchParts(input({ sources }))) size += part.length
    assert.ok(size > 300 * body.length)
  })
})

/** Lines outside of fenced code; what code shows is no heading. */
function withoutCode(markdown: string): string {
  let fence: string | null = null
  const kept = markdown.split('\n').filter((line) => {
    const marker = /^(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1]
    if (fence === null) fence = marker ?? null
    else if (marker !== undefined && line.trim() === marker && marker.startsWith(fence))
      fence = null
    return fence === null
  })
  return kept.join('\n')
}
