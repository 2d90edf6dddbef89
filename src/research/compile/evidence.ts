import { visibleValue } from '../../visible-text.ts'
import type { ResearchInput, ResearchQuery } from '../research-input.ts'
import { researchCompiler } from './compile-research.ts'
import { spokenOf } from './passages.ts'
import { isQuoted } from './research-results.ts'

/** What is on record of a source besides what research.md says of it; ids are of events. */
export interface SourceEvidence {
  canonical: string
  final_url: string | null
  snapshot_sha256: string | null
  markdown_sha256: string | null
  markdown_bytes: number | null
  revision: string | null
  cleaned_by: string | null
  chosen: string | null
  events: { named: string | null; read: string | null; decided: string | null }
}

export interface EvidenceInput {
  input: ResearchInput
  articleId: string
  guidelineSha256: string
  research: { sha256: string; size: number }
  sources: ReadonlyMap<number, SourceEvidence>
  /** Events that asked a query and that hold its outcome. */
  queries: ReadonlyMap<number, { asked: string | null; outcome: string | null }>
}

/**
 * research.json: the evidence for research.md. Every source with addresses, times, hashes, decision and events; every query;
 * and for each sentence that research.md quotes where it stands: in which source, in which bytes of the stored Markdown.
 * A pure function, piece by piece, as `researchParts` is.
 */
export function* evidenceParts(evidence: EvidenceInput): Generator<string> {
  const { input } = evidence
  const spoken = yield* spokenOf(input)
  yield '{\n'
  yield field('format', 'nova-research-evidence/1')
  yield field('article', {
    id: evidence.articleId,
    title: input.title,
    created_at: input.createdAt,
    guideline_sha256: evidence.guidelineSha256,
  })
  yield field('research', { ...evidence.research, compiler: researchCompiler })
  yield* list('sections', spoken.coverage)
  yield* list('sources', sourceRecords(evidence))
  yield* list('queries', queryRecords(evidence))
  yield* list('passages', passageRecords(evidence, spoken.answering), '')
  yield '}\n'
}

// The file is sent as it is: what others wrote is made visible here, and then recorded with its hash.
const field = (name: string, value: unknown): string =>
  `${JSON.stringify(name)}: ${JSON.stringify(visibleValue(value))},\n`

/** One record a line, so that two versions compare line by line. */
function* list(name: string, records: Iterable<unknown>, end = ','): Generator<string> {
  let before = ''
  yield `${JSON.stringify(name)}: [`
  for (const record of records) {
    yield `${before}\n${JSON.stringify(visibleValue(record))}`
    before = ','
  }
  yield `\n]${end}\n`
}

function* sourceRecords({ input, sources }: EvidenceInput): Generator<object> {
  for (const source of [...input.sources].sort((a, b) => a.number - b.number)) {
    const { number, origin, kind, rank, title, url, state, failure, notes, decision } = source
    yield {
      ...{ number, origin, kind, rank, title, url },
      ...sources.get(number),
      ...{ state, failure: failure && { reason: failure.reason, detail: failure.detail } },
      published_at: source.publishedAt,
      retrieved_at: source.retrievedAt,
      cited: source.cited,
      ...{ notes, decision },
    }
  }
}

function* queryRecords({ input, queries }: EvidenceInput): Generator<object> {
  for (const query of inOrder(input.queries)) {
    const { number, round, reason, provider, state, failure, found } = query
    yield {
      ...{ number, round, query: query.query, reason, provider, state },
      failure: failure && { reason: failure.reason, detail: failure.detail },
      found,
      events: queries.get(number) ?? null,
    }
  }
}

function* passageRecords(
  { input, sources }: EvidenceInput,
  answering: (query: ResearchQuery) => readonly {
    source: number
    text: string
    start: number
    end: number
  }[],
): Generator<object> {
  const markdown = new Map(input.sources.map(({ number, markdown }) => [number, markdown ?? '']))
  for (const query of inOrder(input.queries)) {
    if (!isQuoted(query, input.sources)) continue
    for (const { source, text, start, end } of answering(query)) {
      const whole = markdown.get(source) ?? ''
      const startByte = Buffer.byteLength(whole.slice(0, start))
      yield {
        query: query.number,
        source,
        text,
        snapshot_sha256: sources.get(source)?.snapshot_sha256 ?? null,
        markdown_sha256: sources.get(source)?.markdown_sha256 ?? null,
        start_byte: startByte,
        end_byte: startByte + Buffer.byteLength(whole.slice(start, end)),
      }
    }
  }
}

const inOrder = (queries: readonly ResearchQuery[]): ResearchQuery[] =>
  [...queries].sort((a, b) => a.number - b.number)
