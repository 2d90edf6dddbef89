import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { articleSubject } from '../../../src/research/planning/article-subject.ts'
import { outlineOf } from '../../../src/research/planning/outline.ts'
import { planQueries } from '../../../src/research/planning/plan-queries.ts'
import { withoutMarks } from '../../../src/sources/guideline/plain-line.ts'

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/guidelines/${name}.md`, import.meta.url), 'utf8')
const example = readFileSync(
  new URL('../../../examples/event-sourcing/article_guideline.md', import.meta.url),
  'utf8',
)

async function rounds(guidelineText: string, title: string): Promise<string[][]> {
  const asked: string[][] = []
  for (let round = 0; round < 3; round++) {
    const { queries } = await planQueries(
      {
        guidelineText,
        title,
        linkTitles: [],
        sourceExcerpts: [],
        pastQueries: asked.flat(),
        results: [],
        count: 5,
        year: 2026,
        signal: new AbortController().signal,
      },
      null,
    )
    asked.push(queries.map(({ query }) => query))
  }
  return asked
}

describe('queries without a model', () => {
  it('ask about an outline by headings in its own words', async () => {
    const [first, second] = await rounds(
      example,
      'Event sourcing, or a ledger that can answer for itself',
    )
    assert.deepEqual(first, [
      'event sourcing: why tables that are updated cannot answer an auditor',
      'event sourcing: naming events with the people who do the work',
      'event sourcing: event store on one PostgreSQL table',
      'event sourcing: projections that can be thrown away',
      'event sourcing: old events, snapshots, erasure',
    ])
    assert.equal(second?.[0], 'event sourcing: when not to use it')
  })

  it('take the topic from prose, and leave what it says to the writer', async () => {
    const text = fixture('prose')
    const [first] = await rounds(text, text.split('\n')[0] ?? '')
    assert.equal(first?.[0], 'how cities can keep cool without air conditioning')
    assert.match(first?.[2] ?? '', /: white roofs, wind corridors, and district cooling$/)
    const all = (await rounds(text, text.split('\n')[0] ?? '')).flat().join('\n')
    assert.doesNotMatch(all, /councillor|tone|1,500|quote|main source|[Ww]rite|[Mm]ention|End with/)
  })

  it('ask about the items of a numbered list, and about what is nested in them', async () => {
    const [first, second] = await rounds(
      fixture('numbered-list'),
      'Guideline: Postgres logical replication in production',
    )
    assert.ok(
      first?.every((query) => query.startsWith('postgres logical replication in production: ')),
    )
    assert.match(first?.[1] ?? '', /slots that fill the disk$/)
    assert.ok(second?.some((query) => query.endsWith(': max_slot_wal_keep_size')))
  })

  it('ask about a title alone from one side after another', async () => {
    const [first] = await rounds(fixture('very-short'), 'Vector databases vs PostgreSQL')
    assert.deepEqual(first, [
      'vector databases vs PostgreSQL',
      'pitfalls of vector databases vs PostgreSQL',
      'real-world examples of vector databases vs PostgreSQL',
      'vector databases vs PostgreSQL benchmarks',
      'recent developments in vector databases vs PostgreSQL 2026',
    ])
  })

  it('never ask about audience, tone, references, files, or how to write', async () => {
    const asked = await rounds(
      fixture('headings'),
      'Keeping sourdough alive — for people who travel',
    )
    assert.equal(new Set(asked.flat()).size, 15)
    assert.doesNotMatch(
      asked.flat().join('\n'),
      /bakers|marketing|audience|tone|genetics|survival|voice|second person|hook|Bread Lab|https/i,
    )
    for (const query of asked.flat()) {
      assert.match(query, /^(?:[\w-]+ ){0,3}(?:of |in )?keeping sourdough alive/)
      assert.ok(query.split(' ').length <= 20, query)
    }
  })
})

describe('the outline of a guideline', () => {
  it('is the list under an outline heading when that has no headings of its own', () => {
    const titles = outlineOf(
      '# T\n\n## Audience\nAll.\n\n## Outline\n1. Alpha\n   - detail\n2. Beta\n\n## References\n- x\n',
    ).map(({ title, points }) => [title, points])
    assert.deepEqual(titles, [
      ['Alpha', ['detail']],
      ['Beta', []],
    ])
  })

  it('leaves out items that are the name of a file, and no product that looks like one', () => {
    const text = '# T\n\n- notes/main.py\n- C:\\a\\b.ipynb\n- Node.js\n- the parts of a README.md\n'
    const titles = outlineOf(text).map(({ title }) => withoutMarks(title))
    assert.deepEqual(titles.filter(Boolean), ['Node.js', 'the parts of a README.md'])
  })

  it('leaves out code, front matter and what stands below an instruction', () => {
    const text =
      '---\ntitle: x\n---\nTitle\n=====\n\nTopic\n-----\ntext\n\n```sql\n## not a heading\n```\n\n## Style\n### Words\nshort\n'
    assert.deepEqual(
      outlineOf(text).map(({ title }) => title),
      ['Topic'],
    )
  })
})

describe('the subject of an article', () => {
  const subjects = {
    'Article guideline: Event sourcing, or a ledger that can answer for itself': 'Event sourcing',
    'Keeping sourdough alive — for people who travel': 'Keeping sourdough alive',
    'How to build a reverse proxy in Rust (2026 edition)': 'build a reverse proxy in Rust',
    'A guide to garbage collection: what every Go developer should know': 'garbage collection',
    'Kafka, NATS and Redis Streams compared': 'Kafka, NATS and Redis Streams',
    'Postgres logical replication in production': 'Postgres logical replication in production',
    '10 tips for better sleep': 'better sleep',
    'Draft: Zero trust networks | Part 2': 'Zero trust networks',
    '数据库事务：隔离级别': '数据库事务',
    '': '',
    '### :—': '',
  }
  for (const [title, subject] of Object.entries(subjects)) {
    it(`of “${title}” is “${subject}”`, () => assert.equal(articleSubject(title), subject))
  }
})
