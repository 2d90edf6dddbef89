import { isFrameHeading } from '../../sources/guideline/frame-headings.ts'
import {
  type GuidelinePart,
  type ListItem,
  partsOf,
} from '../../sources/guideline/guideline-parts.ts'
import {
  isSourceList,
  type StructuredSection,
  structureOf,
} from '../../sources/guideline/guideline-structure.ts'
import { withoutMarks } from '../../sources/guideline/plain-line.ts'
import { clipGraphemes } from '../../visible-text.ts'
import { headingSort } from './meta-headings.ts'
import { wantsOf } from './section-wants.ts'
import { topicalSentences } from './sentences.ts'

/** One part of the article that the guideline asks for. */
export interface OutlineSection {
  title: string
  /** What it wants, the most telling first; `sourceMark` stands where an address stood. */
  points: string[]
  /** Its paragraphs, with marks like the points. */
  paragraphs: string[]
  /** Everything below its heading as words, for weighing them. */
  text: string
}

const sectionsMax = 60
const pointsMax = 20
const titleCharsMax = 200

/**
 * The sections of a guideline, as its structure tells them (`structureOf`). Where it has none to go by: its headings
 * with their list items, without those that say how to write, for whom, and from which files, and without what
 * stands below them. Without topical headings: the items of the first list, else the sentences. Deterministic,
 * linear, and content with any text.
 */
export function outlineOf(guidelineText: string): OutlineSection[] {
  const parts = partsOf(guidelineText.slice(0, 500_000))
  const { sections, listed } = structureOf(parts)
  if (sections.length > 0) return sections.slice(0, sectionsMax).map(structuredSection)
  const found = listed ? sectionsOfItems(listed.items) : topicalSections(parts)
  return (found.length > 0 ? found : withoutHeadings(parts)).slice(0, sectionsMax)
}

function structuredSection({ title, parts }: StructuredSection): OutlineSection {
  const [own, ...below] = parts
  const labels = below.map((part) => part.title).filter((label) => !isLabel(label))
  const wants = [
    ...wantsOf(own?.items ?? []),
    ...labels,
    ...below.flatMap(({ items }) => wantsOf(items)),
  ]
  return {
    title: clipGraphemes(title, titleCharsMax),
    points: [...new Set(wants)].slice(0, pointsMax),
    paragraphs: parts.flatMap(({ paragraphs }) => paragraphs),
    text: parts.map(({ text }) => text).join('\n'),
  }
}

/** “Key Points”, “Purpose”: what stands below is wanted, the heading itself asks nothing. */
const isLabel = (title: string): boolean => isFrameHeading(title) || headingSort(title) !== 'topic'

function topicalSections(parts: readonly GuidelinePart[]): OutlineSection[] {
  const title = titleOf(parts)
  const sections: OutlineSection[] = []
  let skipBelow = Number.POSITIVE_INFINITY
  for (const [index, part] of parts.entries()) {
    if (part.level === 0 || part === title || part.title === '') continue
    if (part.level > skipBelow) continue
    skipBelow = Number.POSITIVE_INFINITY
    const sort =
      isFrameHeading(part.title) || isSourceList(part) ? 'instruction' : headingSort(part.title)
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
function titleOf(parts: readonly GuidelinePart[]): GuidelinePart | null {
  const [only, ...more] = parts.filter(({ level }) => level === 1)
  return only && more.length === 0 && parts.length > 1 ? only : null
}

const sectionOf = (part: GuidelinePart): OutlineSection => ({
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

function withoutHeadings(parts: readonly GuidelinePart[]): OutlineSection[] {
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
