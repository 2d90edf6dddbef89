import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { compileResearch } from '../../../src/research/compile/compile-research.ts'
import { type EvidenceInput, evidenceParts } from '../../../src/research/compile/evidence.ts'
import { input, query, read, reject, source } from '../../support/research-input.ts'

const passage = z.object({
  query: z.int(),
  source: z.int(),
  text: z.string(),
  markdown_sha256: z.string().nullable(),
  start_byte: z.int(),
  end_byte: z.int(),
})
const document = z.object({
  format: z.string(),
  article: z.object({ id: z.string() }),
  research: z.object({ sha256: z.string(), compiler: z.string() }),
  sections: z.array(z.object({ title: z.string(), sources: z.array(z.int()) })),
  sources: z.array(z.looseObject({ number: z.int() })),
  queries: z.array(z.looseObject({ number: z.int() })),
  passages: z.array(passage),
})

const told = 'Schwärme teilt man im Mai, denn das Teilen der Völker hält sie im Stock.'
const markdown = `# Bienen\n\nÄhnliches sagt dieser Satz nicht über Wälder. ${told} Und mehr.\n`
const given = input({
  guideline: '## Section 1 - Teilen der Völker\n\n- im Mai\n\n## Section 2 - Recht\n\n- Honig\n',
  queries: [
    query(2, { query: 'Teilen der Völker im Mai', found: [1] }),
    query(1, { answer: 'X.' }),
  ],
  sources: [source(3, { decision: reject }), source(1, { rank: 'golden', ...read(markdown) })],
})

const evidence = (of = given): EvidenceInput => ({
  input: of,
  articleId: 'a1',
  guidelineSha256: 'c'.repeat(64),
  research: { sha256: 'd'.repeat(64), size: 1 },
  sources: new Map([
    [
      1,
      {
        canonical: 'site1.example/page',
        final_url: null,
        snapshot_sha256: 'e'.repeat(64),
        markdown_sha256: 'f'.repeat(64),
        markdown_bytes: 9,
        revision: null,
        cleaned_by: null,
        chosen: null,
        events: { named: 'E1', read: 'E2', decided: null },
      },
    ],
  ]),
  queries: new Map([[2, { asked: 'E3', outcome: 'E4' }]]),
})

const made = (of?: typeof given) =>
  document.parse(JSON.parse([...evidenceParts(evidence(of))].join('')))

describe('research.json', () => {
  it('holds every source, the rejected too, with its hashes, events and decision', () => {
    const { sources } = made()
    assert.deepEqual(
      sources.map(({ number }) => number),
      [1, 3],
    )
    assert.partialDeepStrictEqual(sources[0], {
      rank: 'golden',
      canonical: 'site1.example/page',
      snapshot_sha256: 'e'.repeat(64),
      events: { named: 'E1', read: 'E2', decided: null },
      retrieved_at: '2026-01-02T04:00:00.000Z',
    })
    assert.partialDeepStrictEqual(sources[1], { decision: reject })
  })

  it('says in which bytes of which Markdown each quoted sentence of research.md stands', () => {
    const { passages } = made()
    assert.deepEqual(
      passages.map(({ query: asked, source: from, text }) => [asked, from, text]),
      [[2, 1, told]],
    )
    for (const { start_byte, end_byte, text, markdown_sha256 } of passages) {
      assert.equal(Buffer.from(markdown).subarray(start_byte, end_byte).toString(), text)
      assert.equal(markdown_sha256, 'f'.repeat(64))
      assert.ok(compileResearch(given).includes(`> ${text} [1]`))
    }
  })

  it('lists what research.md quotes and nothing else: no passage where a provider answered', () => {
    const answered = input({
      ...given,
      queries: [query(2, { query: 'Teilen der Völker im Mai', found: [1], answer: 'Yes [1].' })],
    })
    assert.deepEqual(made(answered).passages, [])
  })

  it('is the same bytes for the same facts, in whatever order they come', () => {
    const reversed = input({
      ...given,
      queries: [...given.queries].reverse(),
      sources: [...given.sources].reverse(),
    })
    assert.equal(
      [...evidenceParts(evidence(reversed))].join(''),
      [...evidenceParts(evidence())].join(''),
    )
  })
})
