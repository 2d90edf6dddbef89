import { clipGraphemes } from '../../visible-text.ts'
import { headingSort } from './meta-headings.ts'
import { plainLine, withoutMarks } from './plain-line.ts'
import { topicalSentences } from './sentences.ts'

/** One part of the article that the guideline asks for. */
export interface OutlineSection {
  title: string
  /** Its list items; `sourceMark` stands where an address stood. */
  points: string[]
  /** Its paragraphs, with marks like the points. */
  paragraphs: string[]
  /** Everything below its heading as words, for weighing them. */
  text: string
}

interface ListItem {
  text: string
  indent: number
}

/** What stands below one heading; level 0 is what stands before the first. */
interface Part {
  level: number
  title: string
  items: ListItem[]
  paragraphs: string[]
  text: string
}

const sectionsMax = 60
const pointsMax = 20
const titleCharsMax = 200

/**
 * The sections of a guideline. Its headings with their list items, without those that say how to write, for
 * whom, and from which files, and without what stands below them; a heading such as “Outline” without
 * headings of its own gives its list items as sections. Without topical headings: the items of the first
 * list, else the sentences. Deterministic, linear, and content with any text.
 */
export function outlineOf(guidelineText: string): OutlineSection[] {
  const parts = partsOf(guidelineText.slice(0, 500_000))
  const found = topicalSections(parts)
  return (found.length > 0 ? found : withoutHeadings(parts)).slice(0, sectionsMax)
}

function topicalSections(parts: readonly Part[]): OutlineSection[] {
  const title = titleOf(parts)
  const sections: OutlineSection[] = []
  let skipBelow = Number.POSITIVE_INFINITY
  for (const [index, part] of parts.entries()) {
    if (part.level === 0 || part === title || part.title === '') continue
    if (part.level > skipBelow) continue
    skipBelow = Number.POSITIVE_INFINITY
    const sort = headingSort(part.title)
    const isParent = (parts[index + 1]?.level ?? 0) > part.level
    if (sort === 'instruction' || sort === 'purpose') {
      // The guideline's own name as a heading of the first level stands above everything.
      if (part.level > 1) skipBelow = part.level
    } else if (sort === 'container') {
      if (!isParent) sections.push(...sectionsOfItems(part.items))
    } else sections.push(sectionOf(part))
  }
  return sections
}

/** The only heading of the first level, when others follow, names the article and no part of it. */
function titleOf(parts: readonly Part[]): Part | null {
  const [only, ...more] = parts.filter(({ level }) => level === 1)
  return only && more.length === 0 && parts.length > 1 ? only : null
}

const sectionOf = (part: Part): OutlineSection => ({
  title: clipGraphemes(withoutMarks(part.title), titleCharsMax),
  points: part.items.slice(0, pointsMax).map(({ text }) => text),
  paragraphs: part.paragraphs,
  text: part.text,
})

/** Items of the outermost list are sections, those nested in them their points. */
function sectionsOfItems(items: readonly ListItem[]): OutlineSection[] {
  const outermost = Math.min(...items.map(({ indent }) => indent))
  const sections: OutlineSection[] = []
  for (const { text, indent } of items) {
    const parent = sections.at(-1)
    if (indent > outermost + 1 && parent) {
      if (parent.points.length < pointsMax) parent.points.push(text)
      parent.text += `\n${withoutMarks(text)}`
    } else {
      sections.push({ title: clipGraphemes(text, titleCharsMax), points: [], paragraphs: [], text })
    }
  }
  return sections.filter(({ title }) => headingSort(withoutMarks(title)) !== 'instruction')
}

function withoutHeadings(parts: readonly Part[]): OutlineSection[] {
  const open = parts.filter(
    (part) => part.level < 2 || ['container', 'purpose'].includes(headingSort(part.title)),
  )
  const listed = sectionsOfItems(open.flatMap(({ items }) => items))
  if (listed.length > 0) return listed
  return open
    .flatMap(({ paragraphs }) => paragraphs.flatMap(topicalSentences))
    .map((text) => ({
      title: clipGraphemes(text, titleCharsMax),
      points: [],
      paragraphs: [],
      text,
    }))
    .filter(({ title }) => withoutMarks(title) !== '')
}

function partsOf(text: string): Part[] {
  const parts: Part[] = [{ level: 0, title: '', items: [], paragraphs: [], text: '' }]
  let fence: string | null = null
  /** What the next line of text continues. */
  let open: 'item' | 'paragraph' | null = null
  for (const line of withAtxHeadings(text).split(/\r\n|\n|\r/)) {
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
    const heading = headingOf(line)
    if (heading) {
      parts.push({ ...heading, items: [], paragraphs: [], text: '' })
      open = null
      continue
    }
    const part = parts.at(-1)
    if (part) open = addLine(part, line, open)
  }
  return parts
}

function headingOf(line: string): { level: number; title: string } | null {
  const [, hashes, title] = /^\s{0,3}(#{1,6})\s+(.*)$/.exec(line) ?? []
  if (hashes !== undefined && title !== undefined) {
    return { level: hashes.length, title: plainLine(title).replace(/[\s#]+$/, '') }
  }
  const bold = /^\s{0,3}\*\*([^*]{1,200})\*\*:?\s*$/.exec(line)?.[1]
  return bold === undefined ? null : { level: 7, title: plainLine(bold).replace(/:$/, '') }
}

type Open = 'item' | 'paragraph' | null

function addLine(part: Part, line: string, open: Open): Open {
  const item = /^(\s*)(?:[-*+]|\d{1,3}[.)])\s+(.*)$/.exec(line)
  const text = plainLine(item?.[2] ?? line)
  part.text += `${withoutMarks(text)}\n`
  if (item) {
    if (text !== '') part.items.push({ text, indent: item[1]?.length ?? 0 })
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

/** Front matter goes; headings that are underlined become headings with hashes. */
const withAtxHeadings = (text: string): string =>
  text
    .replace(/^\uFEFF?---\r?\n(?:[^\n]{0,500}\n){0,60}?---[ \t]*\r?\n/, '')
    .replace(/^([\p{L}\p{N}][^\n]{0,200})\n=+[ \t]*$/gmu, '# $1')
    .replace(/^([\p{L}\p{N}][^\n]{0,200})\n-{3,}[ \t]*$/gmu, '## $1')
