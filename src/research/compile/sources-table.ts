import type { ResearchSource } from '../research-input.ts'
import { inlineLink, inlineText } from './inline-text.ts'
import { failureText } from './source-blocks.ts'

/** Every source with its number for ever, the rejected and the failed included, so that nothing is hidden. */
export function* sourcesTable(sources: readonly ResearchSource[]): Generator<string> {
  yield '## Sources\n\n'
  if (sources.length === 0) {
    yield '_There is no source._\n'
    return
  }
  yield '| Number | Title | URL | Retrieved at | SHA-256 | State |\n'
  yield '| ---: | --- | --- | --- | --- | --- |\n'
  for (const source of [...sources].sort((a, b) => a.number - b.number)) yield row(source)
}

function row(source: ResearchSource): string {
  const cells = [
    `${source.number}`,
    inlineText(source.title),
    source.kind === 'file' ? inlineText(source.url) : inlineLink(source.url),
    inlineText(source.retrievedAt ?? ''),
    source.sha256 ? `\`${source.sha256}\`` : '',
    stateText(source),
  ]
  return `| ${cells.map((cell) => cell || '–').join(' | ')} |\n`
}

function stateText(source: ResearchSource): string {
  if (source.decision?.keep === false) return `rejected: ${inlineText(source.decision.reason)}`
  if (source.state === 'scraped') return 'scraped'
  if (source.state === 'failed') return `failed: ${failureText(source.failure)}`
  if (source.decision) return `kept: ${inlineText(source.decision.reason)}`
  return source.origin === 'research' ? 'found, not judged' : 'not read'
}
