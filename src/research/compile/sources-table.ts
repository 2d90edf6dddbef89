import { isRejected, type ResearchSource } from '../research-input.ts'
import { inlineLink, inlineText } from './inline-text.ts'

/**
 * Every source by what became of it, the rejected and the failed included, so that nothing is hidden: a row of numbers for
 * each state. Title and address stand here only where they stand nowhere else, and then in a row of their own.
 */
export function* sourcesTable(sources: readonly ResearchSource[]): Generator<string> {
  yield '## Sources\n\n'
  if (sources.length === 0) {
    yield '_There is no source._\n'
    return
  }
  const alike = new Map<string, number[]>()
  const own: ResearchSource[] = []
  for (const source of [...sources].sort((a, b) => a.number - b.number)) {
    if (!isShown(source)) own.push(source)
    else alike.set(stateText(source), [...(alike.get(stateText(source)) ?? []), source.number])
  }
  yield '| No. | State |\n| --: | -- |\n'
  for (const [state, numbers] of alike) yield `| ${rangesOf(numbers)} | ${state} |\n`
  for (const source of own) {
    yield `| ${source.number} | ${stateText(source)}: ${nameOf(source)} |\n`
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
  // Its section says why.
  if (source.state === 'failed') return 'failed'
  if (source.decision) return 'kept'
  return source.origin === 'research' ? 'found' : 'not read'
}

/** `1–3, 5` for 1, 2, 3 and 5. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: { from: number; to: number }[] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last && number === last.to + 1) last.to = number
    else ranges.push({ from: number, to: number })
  }
  return ranges.map(({ from, to }) => (from === to ? from : `${from}–${to}`)).join(', ')
}
