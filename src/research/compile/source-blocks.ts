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

/** The sections of whole sources, in the order of the document. */
export const sourceSections: readonly SourceSection[] = [
  {
    heading: 'Sources Scraped From Research Results',
    none: 'Research left no source to read.',
    unread: 'No source found by research was read in full.',
    holds: ({ origin }) => origin === 'research',
  },
  {
    heading: 'Code Sources',
    none: 'The guideline names no repository.',
    unread: 'No repository of the guideline was read.',
    holds: ({ origin, kind }) => origin === 'guideline' && kind === 'github',
  },
  {
    heading: 'YouTube Video Transcripts',
    none: 'The guideline names no video.',
    unread: 'No video of the guideline was transcribed.',
    holds: ({ origin, kind }) => origin === 'guideline' && kind === 'youtube',
  },
  {
    heading: 'Local Files',
    none: 'No local file was uploaded.',
    unread: 'No local file was read.',
    holds: ({ origin }) => origin === 'file',
  },
  {
    heading: 'Additional Sources Scraped',
    none: 'The guideline names no other page.',
    unread: 'No other page of the guideline was read.',
    holds: ({ origin, kind }) => origin === 'guideline' && kind !== 'github' && kind !== 'youtube',
  },
]

/** One section: a block per source that was read, then those that could not be. */
export function* sourceSection(
  section: SourceSection,
  sources: readonly ResearchSource[],
): Generator<string> {
  yield `## ${section.heading}\n\n`
  const held = sources.filter((source) => section.holds(source) && !isRejected(source))
  const read = held.filter(({ markdown }) => markdown !== null)
  const failed = held.filter(({ state, markdown }) => state === 'failed' && markdown === null)
  if (read.length === 0) yield `_${held.length === 0 ? section.none : section.unread}_\n\n`
  for (const source of read) yield* sourceBlock(source)
  if (failed.length > 0) yield `Could not be read:\n\n${failed.map(failureLine).join('')}\n`
}

function* sourceBlock(source: ResearchSource): Generator<string> {
  const facts = [
    source.kind === 'file' ? `File: ${inlineText(source.url)}` : `URL: ${inlineLink(source.url)}`,
    ...(source.publishedAt ? [`Published: ${inlineText(source.publishedAt)}`] : []),
    ...(source.retrievedAt ? [`Retrieved: ${inlineText(source.retrievedAt)}`] : []),
    ...(source.sha256 ? [`SHA-256: \`${source.sha256}\``] : []),
    ...(source.notes.length > 0 ? [`Notes: ${notesText(source.notes)}`] : []),
  ]
  const body = yield* containInSteps(source.markdown ?? '')
  yield block(
    `[${source.number}] ${htmlText(source.title || source.url)}`,
    `${facts.map((fact) => `- ${fact}`).join('\n')}\n\n${body || '_The source is empty._'}`,
  )
}

/** The empty lines matter: they end our HTML before the Markdown begins and begin it anew after it. */
export const block = (summary: string, body: string): string =>
  `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>\n\n`

export function failureText(failure: { reason: string; detail: string | null } | null): string {
  if (!failure) return 'unknown reason'
  return inlineText(failure.detail ? `${failure.reason} (${failure.detail})` : failure.reason)
}

const notesText = (notes: readonly string[]): string =>
  notes.map((note) => inlineText(note).replace(/\.$/, '')).join('; ')

const failureLine = (source: ResearchSource): string => {
  const title = source.title && source.title !== source.url ? `${inlineText(source.title)}, ` : ''
  const why = source.failure ? failureSentence(source.failure.reason) : null
  const sentence = why ? `. ${why}` : ''
  return `- [${source.number}] ${title}${inlineLink(source.url)}: ${failureText(source.failure)}${sentence}\n`
}
