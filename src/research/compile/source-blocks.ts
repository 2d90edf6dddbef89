import { failureSentence } from '../../sources/source-failure.ts'
import { isRejected, type ResearchSource } from '../research-input.ts'
import { containInSteps } from './contain-markdown.ts'
import { htmlText, inlineLink, inlineText } from './inline-text.ts'

interface SourceSection {
  heading: string
  /** What stands there when there is no such source, and when none of them was read. */
  none: string
  unread: string
  holds: (source: ResearchSource) => boolean
}

const isGolden = ({ rank }: ResearchSource): boolean => rank === 'golden'
const isOfGuideline = (source: ResearchSource): boolean =>
  source.origin === 'guideline' && !isGolden(source)

/** The sections of whole sources, in the order of the document: what the guideline names, then what research found. */
export const sectionsBeforeResults: readonly SourceSection[] = [
  {
    heading: 'Golden Sources',
    none: '',
    unread: 'No golden source was read.',
    holds: isGolden,
  },
  {
    heading: 'Additional Sources Scraped',
    none: 'The guideline names no other page.',
    unread: 'No other page of the guideline was read.',
    holds: (source) =>
      isOfGuideline(source) && source.kind !== 'github' && source.kind !== 'youtube',
  },
  {
    heading: 'Code Sources',
    none: 'The guideline names no other repository.',
    unread: 'No repository of the guideline was read.',
    holds: (source) => isOfGuideline(source) && source.kind === 'github',
  },
  {
    heading: 'YouTube Video Transcripts',
    none: 'The guideline names no other video.',
    unread: 'No video of the guideline was transcribed.',
    holds: (source) => isOfGuideline(source) && source.kind === 'youtube',
  },
  {
    heading: 'Local Files',
    none: 'No local file was uploaded.',
    unread: 'No local file was read.',
    holds: ({ origin }) => origin === 'file',
  },
]

export const sectionsAfterResults: readonly SourceSection[] = [
  {
    heading: 'Sources Scraped From Research Results',
    none: 'Research left no source to read.',
    unread: 'No source found by research was read in full.',
    holds: ({ origin }) => origin === 'research',
  },
]

/** One section: a block per source that was read, then those that could not be. */
export function* sourceSection(
  section: SourceSection,
  sources: readonly ResearchSource[],
): Generator<string> {
  const held = sources.filter((source) => section.holds(source) && !isRejected(source))
  if (held.length === 0 && section.none === '') return
  yield `## ${section.heading}\n\n`
  const read = held.filter(({ markdown }) => markdown !== null)
  const failed = held.filter(({ state, markdown }) => state === 'failed' && markdown === null)
  if (read.length === 0) yield `_${held.length === 0 ? section.none : section.unread}_\n\n`
  for (const source of read) yield* sourceBlock(source)
  if (failed.length > 0) yield `Could not be read:\n\n${failed.map(failureLine).join('')}\n`
}

function* sourceBlock(source: ResearchSource): Generator<string> {
  const address = source.kind === 'file' ? inlineText(source.url) : inlineLink(source.url)
  const published = source.publishedAt ? `, ${inlineText(source.publishedAt)}` : ''
  const body = yield* containInSteps(source.markdown ?? '')
  yield block(
    `[${source.number}] ${htmlText(source.title || source.url)}`,
    `${address}${published}\n\n${body || '_The source is empty._'}`,
  )
}

/** What research found, kept or has not judged, and did not read in full: described once. */
export function* furtherSources(sources: readonly ResearchSource[]): Generator<string> {
  const further = sources.filter(
    (source) =>
      source.origin === 'research' &&
      !isRejected(source) &&
      source.markdown === null &&
      source.state !== 'failed',
  )
  if (further.length === 0) return
  yield 'Further sources, not read in full:\n\n'
  for (const source of further) {
    const published = source.publishedAt ? `, ${inlineText(source.publishedAt)}` : ''
    const judged = source.decision ? '' : ' (not judged)'
    const line = `- [${source.number}] ${inlineText(source.title || source.url)}, ${inlineLink(source.url)}${published}${judged}`
    yield source.snippet ? `${line}  \n  ${inlineText(source.snippet)}\n` : `${line}\n`
  }
  yield '\n'
}

/** The empty lines matter: they end our HTML before the Markdown begins and begin it anew after it. */
export const block = (summary: string, body: string): string =>
  `<details><summary>${summary}</summary>\n\n${body}\n\n</details>\n\n`

export function failureText(failure: { reason: string; detail: string | null } | null): string {
  if (!failure) return 'unknown reason'
  return inlineText(failure.detail ? `${failure.reason} (${failure.detail})` : failure.reason)
}

const failureLine = (source: ResearchSource): string => {
  const title = source.title && source.title !== source.url ? `${inlineText(source.title)}, ` : ''
  const why = source.failure ? failureSentence(source.failure.reason) : null
  const sentence = why ? `. ${why}` : ''
  return `- [${source.number}] ${title}${inlineLink(source.url)}: ${failureText(source.failure)}${sentence}\n`
}
