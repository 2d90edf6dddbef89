import { inlineText } from './inline-text.ts'
import type { CoveredTitle } from './passages.ts'

const numbersShown = 8

/** What is covered and what is not, by section of the outline, with the numbers of the sources that speak of it. */
export function* coverageSection(coverage: readonly CoveredTitle[]): Generator<string> {
  yield '## Coverage\n\n'
  if (coverage.length === 0) yield '_The guideline names no section._\n'
  for (const { title, sources } of coverage)
    yield `- ${inlineText(title)}: ${numbersText(sources)}\n`
  yield '\n'
}

function numbersText(sources: readonly number[]): string {
  if (sources.length === 0) return '**nothing found**'
  const more = sources.length - numbersShown
  return `[${sources.slice(0, numbersShown).join(', ')}]${more > 0 ? ` and ${more} more` : ''}`
}
