import { inlineText } from './compile/inline-text.ts'
import { researchResults } from './compile/research-results.ts'
import { sourceSection, sourceSections } from './compile/source-blocks.ts'
import { sourcesTable } from './compile/sources-table.ts'
import type { ResearchInput } from './research-input.ts'

/** Changes whenever the same input may give other bytes. */
export const researchCompiler = 'research/1'

/** research.md: a pure function, so replaying an article's events gives the same bytes. Linear in its input. */
export const compileResearch = (input: ResearchInput): string => [...researchParts(input)].join('')

/** The same piece by piece, for hashing or sending a document that need not be in memory as a whole. */
export function* researchParts(input: ResearchInput): Generator<string> {
  const sources = [...input.sources].sort((a, b) => a.number - b.number)
  yield '# Research\n\n'
  yield `- Article: ${inlineText(input.title)}\n- Created: ${inlineText(input.createdAt)}\n\n`
  yield* researchResults(input.queries, sources)
  for (const section of sourceSections) yield* sourceSection(section, sources)
  yield* sourcesTable(sources)
}
