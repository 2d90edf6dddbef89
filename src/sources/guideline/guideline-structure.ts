import { isFrameHeading, isGenericHeading, isOutlineHeading, sourceRank } from './frame-headings.ts'
import type { GuidelinePart } from './guideline-parts.ts'
import { withoutMarks } from './plain-line.ts'

/** One section of the outline: its own part, and the parts below its heading. */
export interface StructuredSection {
  title: string
  parts: GuidelinePart[]
}

export interface GuidelineStructure {
  /** The outline's sections when the guideline's headings are its outline; empty when they are not. */
  sections: StructuredSection[]
  /** The list under a heading such as “Lesson Outline”, where headings say no more than it does. */
  listed: GuidelinePart | null
  /** Everything else: for whom, how and from what to write. */
  frame: GuidelinePart[]
}

/**
 * Tells the outline of a guideline from what frames it, by structure: two or more headings of one level with
 * a shared numbered cue (Section 1, Section 2 …) or that repeat the items of an outline's list are the outline, up
 * to its sources or code; else the headings or the list below a heading such as “Outline”. A guideline with
 * neither has no structure to go by: nothing of it is called section or frame.
 */
export function structureOf(parts: readonly GuidelinePart[]): GuidelineStructure {
  const container = parts.findIndex((part) => part.level > 0 && isOutlineHeading(part.title))
  const level = cuedLevel(parts) ?? repeatedLevel(parts, parts[container])
  if (level !== null) return byHeadings(parts, level)
  const outline = parts[container]
  if (!outline) return { sections: [], listed: null, frame: [] }
  const below = belowOf(parts, container)
  const first = below.find(({ level: each }) => each < 7) ?? below[0]
  if (first) {
    const sections = sectionsIn(below, (part) => part.level <= first.level)
    const inside = new Set([outline, ...below])
    return { sections, listed: null, frame: parts.filter((part) => !inside.has(part)) }
  }
  if (outline.items.length < 2) return { sections: [], listed: null, frame: [] }
  return { sections: [], listed: outline, frame: parts.filter((part) => part !== outline) }
}

/** Which heading of the outline is one of its sections. */
interface OutlineLevel {
  level: number
  holds: (part: GuidelinePart) => boolean
}

/**
 * The highest level on which two or more headings share a numbered cue. A bare number goes with a word (`Section 1`,
 * `2.`), and a word whose number was forgotten with those that have theirs.
 */
function cuedLevel(parts: readonly GuidelinePart[]): OutlineLevel | null {
  const outlines: GuidelinePart[][] = []
  for (const level of [1, 2, 3, 4, 5, 6, 7]) {
    const cued = parts.filter((part) => part.level === level && part.cue !== null)
    const words = new Set(cued.flatMap(({ cue }) => (cue?.isNumbered ? [cue.word] : [])))
    const groups = [...words]
      .map((word) =>
        cued.filter(({ cue }) => cue?.word === word || (cue?.isNumbered && cue.word === '')),
      )
      .filter((group) => group.filter(isNumberedTitle).length >= 2)
    outlines.push(...groups.toSorted((a, b) => b.length - a.length).slice(0, 1))
  }
  const [best] = outlines
  const level = best?.[0]?.level
  return best && level ? { level, holds: (part) => best.includes(part) } : null
}

/** `Part 1:` alone, as a label in a list of lessons, is no section. */
const isNumberedTitle = ({ cue }: GuidelinePart): boolean =>
  cue?.isNumbered === true && cue.rest !== ''

/** Headings that say again what the outline's list says: `1. Routing` and, later, `## Routing`. */
function repeatedLevel(
  parts: readonly GuidelinePart[],
  container: GuidelinePart | undefined,
): OutlineLevel | null {
  const names = new Set(container?.items.map(({ text }) => nameOf(text)))
  const repeated = parts.filter(
    (part) => part !== container && part.level > 0 && names.has(nameOf(part.title)),
  )
  const level = Math.min(...repeated.map((part) => part.level))
  const same = repeated.filter((part) => part.level === level)
  return same.length < 2 ? null : { level, holds: (part) => same.includes(part) }
}

const nameOf = (text: string): string =>
  withoutMarks(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

function byHeadings(
  parts: readonly GuidelinePart[],
  { level, holds }: OutlineLevel,
): GuidelineStructure {
  const first = parts.findIndex(holds)
  const last = parts.findLastIndex(holds)
  const own = new Set<GuidelinePart>()
  let isSection = false
  for (const [index, part] of parts.entries()) {
    if (index < first) continue
    if (part.level < level) isSection = false
    else if (part.level === level) {
      const goesOn = index < last ? !isFrameHeading(part.title) : isGenericHeading(part.title)
      isSection = holds(part) || (goesOn && !isSourceList(part))
    }
    if (isSection && (part.level <= level || !isSourceList(part))) own.add(part)
    // What comes after the outline's sources does not go on with it.
    if (index > last && !isSection && part.level <= level) break
  }
  const sections = sectionsIn([...own], (part) => part.level === level)
  return { sections, listed: null, frame: parts.filter((part) => !own.has(part)) }
}

function sectionsIn(
  parts: readonly GuidelinePart[],
  begins: (part: GuidelinePart) => boolean,
): StructuredSection[] {
  const sections: StructuredSection[] = []
  for (const part of parts) {
    const title = part.cue?.rest && isCueOfSections(part, parts) ? part.cue.rest : part.title
    if (begins(part)) sections.push({ title: withoutMarks(title), parts: [part] })
    else sections.at(-1)?.parts.push(part)
  }
  return sections
}

/** A cue is cut from a title only where other headings share it: “Redis: a primer” keeps its first word. */
const isCueOfSections = (part: GuidelinePart, parts: readonly GuidelinePart[]): boolean =>
  parts.some((other) => other.cue?.isNumbered === true && other.cue.word === part.cue?.word)

function belowOf(parts: readonly GuidelinePart[], index: number): GuidelinePart[] {
  const level = parts[index]?.level ?? 0
  const after = parts.slice(index + 1)
  const end = after.findIndex((part) => part.level <= level)
  return (end < 0 ? after : after.slice(0, end)).filter((part) => !isSourceList(part))
}

/** A part that only names sources: its heading says so, and says nothing else or stands above links. */
export const isSourceList = (part: GuidelinePart): boolean =>
  part.level > 0 &&
  sourceRank(part.title) !== null &&
  (isFrameHeading(part.title) || part.linkLines * 2 >= part.lines)
