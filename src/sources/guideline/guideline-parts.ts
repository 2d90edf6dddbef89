import { plainLine, withoutMarks } from './plain-line.ts'

export interface ListItem {
  text: string
  indent: number
  /** Its emphasised beginning: “Hybrid approaches” of `- **Hybrid approaches:** most systems …`. */
  lead: string
}

/** What stands below one heading of a guideline; level 0 is what stands before the first. */
export interface GuidelinePart {
  level: number
  /** The heading as text: only its emphasis and the addresses of its links are gone. */
  heading: string
  /** The heading without its Markdown dress and its number. */
  title: string
  /** The word and number that a heading begins with, such as `Section 2`, and what comes after them. */
  cue: { word: string; isNumbered: boolean; rest: string } | null
  /** Where what stands below the heading begins and ends in the guideline. */
  start: number
  end: number
  items: ListItem[]
  /** Its paragraphs, with marks where addresses stood. */
  paragraphs: string[]
  /** Everything below its heading as words, for weighing them. */
  text: string
  /** Lines with words, and those of them that hold a link. */
  lines: number
  linkLines: number
}

/** A line in bold stands for a heading below all others. */
const boldLevel = 7

/** A guideline cut at its headings. Headings in code are none; front matter is left out. Linear. */
export function partsOf(guideline: string): GuidelinePart[] {
  const lines = guideline.split('\n')
  const parts = [newPart(0, '', 0)]
  const frontMatter = frontMatterLines(guideline)
  let fence: string | null = null
  /** What the next line of text continues. */
  let open: Open = null
  let at = 0
  for (const [index, raw] of lines.entries()) {
    const start = at
    at += raw.length + 1
    if (index < frontMatter) continue
    const line = raw.replace(/\r$/, '')
    const marker = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== null) {
      if (marker?.startsWith(fence)) fence = null
      continue
    }
    // A whole guideline inside of one Markdown fence is a guideline.
    if (marker !== undefined) {
      if (!/^\s{0,3}[`~]+\s*(?:markdown|md)\b/i.test(line)) fence = marker
      continue
    }
    if (underlineLevel(lines[index - 1] ?? '', line) !== null) continue
    const level = underlineLevel(line, lines[index + 1] ?? '')
    const heading = level === null ? headingOf(line) : { level, written: line }
    const part = parts.at(-1)
    if (heading) {
      if (part) part.end = start
      parts.push(newPart(heading.level, heading.written, Math.min(at, guideline.length)))
      open = null
    } else if (part) open = addLine(part, line, open)
  }
  const last = parts.at(-1)
  if (last) last.end = guideline.length
  return parts
}

function newPart(level: number, written: string, start: number): GuidelinePart {
  const bare = written.replace(/[*_`]+/g, '').trim()
  const heading = written
    .replace(/!?\[([^\][]*)\]\([^()]*\)/g, '$1')
    .replace(/[*`]+|(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])|\s#+\s*$/gu, '')
  return {
    level,
    heading: heading.trim(),
    title: plainLine(written)
      .replace(/[\s#]+$/, '')
      .replace(/:$/, ''),
    cue: level === 0 ? null : cueOf(bare),
    ...{ start, end: start, items: [], paragraphs: [], text: '', lines: 0, linkLines: 0 },
  }
}

const numberedCue =
  /^(?:(\p{L}{2,20})\s+)?(?:\d{1,3}|[ivxl]{1,6}|[A-Z])\s*(?:[.)\]](?=\s|$)|[-–—:]+(?=\s|$)|$)\s*/iu
const bareCue = /^(\p{L}{2,20})\s*(?:[-–—]\s|:\s)\s*/u

/** `Section 2 - …`, `Chapter IV: …`, `Part A. …`, `3. …`; `Section - …` is one whose number was forgotten. */
function cueOf(heading: string): GuidelinePart['cue'] {
  const found = numberedCue.exec(heading) ?? bareCue.exec(heading)
  if (!found) return null
  const isNumbered = numberedCue.test(heading)
  const rest = plainLine(heading.slice(found[0].length).replace(/^[-–—:.\s]+/, ''))
  return { word: found[1]?.toLowerCase() ?? '', isNumbered, rest }
}

/** Lines of front matter at the beginning. */
const frontMatterLines = (guideline: string): number =>
  (/^\uFEFF?---\r?\n(?:[^\n]{0,500}\n){0,60}?---[ \t]*\r?\n/.exec(guideline)?.[0].split('\n')
    .length ?? 1) - 1

function underlineLevel(line: string, next: string): 1 | 2 | null {
  if (!/^[\p{L}\p{N}][^\n]{0,200}$/u.test(line)) return null
  if (/^=+[ \t\r]*$/.test(next)) return 1
  return /^-{3,}[ \t\r]*$/.test(next) ? 2 : null
}

function headingOf(line: string): { level: number; written: string } | null {
  const [, hashes, written] = /^\s{0,3}(#{1,6})\s+(.*)$/.exec(line) ?? []
  if (hashes !== undefined && written !== undefined) return { level: hashes.length, written }
  const bold = /^\s{0,3}\*\*([^*]{1,200})\*\*:?\s*$/.exec(line)?.[1]
  return bold === undefined ? null : { level: boldLevel, written: bold }
}

type Open = 'item' | 'paragraph' | null

function addLine(part: GuidelinePart, line: string, open: Open): Open {
  const item = /^(\s*)(?:[-*+•]|\d{1,3}[.)])\s+(.*)$/.exec(line)
  const text = plainLine(item?.[2] ?? line)
  part.text += `${withoutMarks(text)}\n`
  if (/[\p{L}\p{N}]/u.test(line)) {
    part.lines += 1
    if (/\]\(|:\/\/|^[-*+]?\s*\[[^\]]+\]:/.test(line.trimStart())) part.linkLines += 1
  }
  if (item) {
    const indent = (item[1] ?? '').replaceAll('\t', '    ').length
    const lead = plainLine(
      /^(?:\[[^\]]*\]\s*)?\*\*([^*]{2,160})\*\*/.exec(item[2] ?? '')?.[1] ?? '',
    )
    if (text !== '') part.items.push({ text, indent, lead: lead.replace(/[\s:.–—-]+$/, '') })
    return text === '' ? null : 'item'
  }
  if (line.trim() === '') return null
  const last = part.items.at(-1)
  if (open === 'item' && last) last.text = joined(last.text, text)
  else if (open === 'paragraph') part.paragraphs.push(joined(part.paragraphs.pop() ?? '', text))
  else if (text !== '') part.paragraphs.push(text)
  return open ?? (text === '' ? null : 'paragraph')
}

const joined = (before: string, text: string): string =>
  before.length > 4_000 ? before : `${before} ${text}`.trim()
