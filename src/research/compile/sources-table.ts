import { isRejected, type ResearchSource } from '../research-input.ts'
import { inlineLink, inlineText } from './inline-text.ts'
import { failureText } from './source-blocks.ts'

/**
 * Every source with its number for ever, the rejected and the failed included, so that nothing is hidden. Title and address
 * stand here only where they stand nowhere else.
 */
export function* sourcesTable(sources: readonly ResearchSource[]): Generator<string> {
  yield '## Sources\n\n'
  if (sources.length === 0) {
    yield '_There is no source._\n'
    return
  }
  yield '| No. | State |\n| --: | -- |\n'
  for (const source of [...sources].sort((a, b) => a.number - b.number)) {
    yield `| ${source.number} | ${stateText(source)}${isShown(source) ? '' : `: ${nameOf(source)}`} |\n`
  }
}

/** What was read, failed or is further stands with title and address in its section. */
const isShown = (source: ResearchSource): boolean =>
  !isRejected(source) && (source.origin === 'research' || source.state !== 'pending')

const nameOf = (source: ResearchSource): string =>
  [inlineText(source.title), inlineLink(source.url)].filter(Boolean).join(', ')

function stateText(source: ResearchSource): string {
  if (source.decision?.keep === false) return `rejected (${inlineText(source.decision.reason)})`
  if (source.state === 'scraped') return 'read'
  if (source.state === 'failed') return `failed: ${failureText(source.failure)}`
  if (source.decision) return 'kept'
  return source.origin === 'research' ? 'found' : 'not read'
}
