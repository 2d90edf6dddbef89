import { isRejected, type ResearchSource } from '../research-input.ts'
import { containMarkdown } from './contain-markdown.ts'
import { htmlText, inlineLink, inlineText } from './inline-text.ts'

interface SourceSection {
  heading: string
  /** What stands there when there is none. */
  empty: string
  holds: (source: ResearchSource) => boolean
}

/** The sections of whole sources, in the order of the document. */
export const sourceSections: readonly SourceSection[] = [
  {
    heading: 'Sources Scraped From Research Results',
    empty: 'No source found by research was read in full.',
    holds: ({ origin }) => origin === 'research',
  },
  {
    heading: 'Code Sources',
    empty: 'The guideline names no repository, or none was read.',
    holds: ({ origin, kind }) => origin === 'guideline' && kind === 'github',
  },
  {
    heading: 'YouTube Video Transcripts',
    empty: 'The guideline names no video, or none was transcribed.',
    holds: ({ origin, kind }) => origin === 'guideline' && kind === 'youtube',
  },
  {
    heading: 'Local Files',
    empty: 'No local file was uploaded.',
    holds: ({ origin }) => origin === 'file',
  },
  {
    heading: 'Additional Sources Scraped',
    empty: 'The guideline names no other page, or none was read.',
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
  if (read.length === 0) yield `_${section.empty}_\n\n`
  for (const source of read) yield sourceBlock(source)
  if (failed.length > 0) yield `Could not be read:\n\n${failed.map(failureLine).join('')}\n`
}

function sourceBlock(source: ResearchSource): string {
  const facts = [
    source.kind === 'file' ? `File: ${inlineText(source.url)}` : `URL: ${inlineLink(source.url)}`,
    ...(source.publishedAt ? [`Published: ${inlineText(source.publishedAt)}`] : []),
    ...(source.retrievedAt ? [`Retrieved: ${inlineText(source.retrievedAt)}`] : []),
    ...(source.sha256 ? [`SHA-256: \`${source.sha256}\``] : []),
    ...source.notes.map((note) => `Note: ${inlineText(note)}`),
  ]
  const body = containMarkdown(source.markdown ?? '')
  return block(
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

const failureLine = (source: ResearchSource): string =>
  `- [${source.number}] ${inlineText(source.title || source.url)}, ${inlineLink(source.url)}: ` +
  `${failureText(source.failure)}\n`
