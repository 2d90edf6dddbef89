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
  it('describes what was not read in full once, and everything else where it stands', () => {
    const markdown = compileResearch(
      input({
        queries: [query(1, { found: [1, 2] }), query(2, { found: [2, 3, 1] })],
        sources: [
          source(1, { origin: 'guideline', snippet: null, ...read('x') }),
          source(2),
          source(3, { decision: keep, publishedAt: '2026-01-01' }),
        ],
      }),
    )
    assert.match(
      section(markdown, 'Research Results'),
      /Found: \[1, 2\]\n[\s\S]*Found: \[2, 3, 1\]\n/,
    )
    const further = section(markdown, 'Sources Scraped From Research Results')
    assert.match(further, /- \[2\] Title 2, \S+ \(not judged\) {2}\n {2}Snippet 2\n/)
    assert.match(further, /- \[3\] Title 3, \S+, 2026-01-01 {2}\n {2}Snippet 3\n/)
    assert.equal(markdown.match(/Snippet 2/g)?.length, 1)
    assert.equal(markdown.match(/Title 1/g)?.length, 1)
  })

  it('says in the first line when all failed, and only then', () => {
    const failed = source(1, { origin: 'guideline', state: 'failed' })
    const unanswered = query(1, { state: 'failed' })
    const first = (markdown: string) => markdown.split('\n')[0]
    assert.equal(
      first(compileResearch(input({ queries: [unanswered], sources: [failed, source(2)] }))),
      '# Research: everything failed (1 of 2 sources, 1 of 1 queries)',
    )
    for (const some of [
      input(),
      input({ queries: [unanswered], sources: [failed, source(2, read('x'))] }),
      input({ queries: [unanswered, query(2)], sources: [failed] }),
    ]) {
      assert.equal(first(compileResearch(some)), '# Research')
    }
  })

  it('says of each section of the outline which sources speak of it, or that none does', () => {
    const markdown = compileResearch(
      input({
        guideline: `## Audience\n\nKeepers.\n\n## Section 1 - Swarm control\n\n- splitting a colony\n\n## Section 2 - Wintering\n\n- insulation and moisture\n\n## Section 3 - Honey law\n\n- labelling\n`,
        sources: [
          source(1, read('Splitting a colony in May is the surest way of swarm control we know.')),
          source(2, { snippet: 'Insulation keeps moisture out of the hive while wintering.' }),
          source(3, read('Nothing of the sort is told in this long sentence about trains.')),
          source(4, { snippet: 'Honey law and labelling.', decision: reject }),
        ],
      }),
    )
    assert.deepEqual(section(markdown, 'Coverage').trim().split('\n').slice(2), [
      '- Swarm control: [1]',
      '- Wintering: [2]',
      '- Honey law: **nothing found**',
    ])
  })

  it('answers a query that no provider answered with sentences of its sources, word for word', () => {
    const told = 'Splitting a colony in May is the surest way of swarm control we know.'
    const sources = [
      source(1, read(`# Bees\n\nOther words stand here before it. ${told} And after.`)),
      source(2, {
        ...read('Splitting a colony for swarm control is rejected here.'),
        decision: reject,
      }),
      source(3, read('Trains run on time in this long sentence about something else.')),
    ]
    const of = (answer: string | null) =>
      section(
        compileResearch(
          input({
            queries: [
              query(1, { query: 'swarm control by splitting a colony', found: [1, 2], answer }),
            ],
            sources,
          }),
        ),
        'Research Results',
      )
    assert.match(of(null), /\n\n> Splitting a colony [^\n]* we know\. \[1\]\n/)
    assert.doesNotMatch(of(null), /rejected here|Trains/)
    assert.doesNotMatch(of('The provider says so [1].'), /^>/m)
  })

  it('has golden sources first, whatever they are, and each source once', () => {
    const markdown = compileResearch(
      input({
        sources: [
          source(1, { origin: 'guideline', rank: 'other', ...read('page body') }),
          source(2, {
            origin: 'guideline',
            rank: 'golden',
            kind: 'youtube',
            ...read('video body'),
          }),
        ],
      }),
    )
    assert.match(section(markdown, 'Golden Sources'), /video body/)
    assert.equal(markdown.match(/video body/g)?.length, 1)
    assert.ok(
      markdown.indexOf('## Golden Sources') < markdown.indexOf('## Additional Sources Scraped'),
    )
    assert.match(
      section(markdown, 'YouTube Video Transcripts'),
      /_The guideline names no other video\._/,
    )
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
    assert.match(
      markdown,
      /^# Research\n\nAn article: 2 queries in 2 rounds, 4 sources \(1 read in full, 1 failed, 1 not read, 1 rejected\)\.\n/,
    )
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
