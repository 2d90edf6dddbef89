import {
  isFrameHeading,
  isGenericHeading,
  isOutlineHeading,
} from '../../sources/guideline/frame-headings.ts'
import { type GuidelinePart, partsOf } from '../../sources/guideline/guideline-parts.ts'
import {
  type GuidelineStructure,
  isSourceList,
  structureOf,
} from '../../sources/guideline/guideline-structure.ts'
import { withoutMarks } from '../../sources/guideline/plain-line.ts'
import { clipGraphemes, visibleLine } from '../../visible-text.ts'
import { headingSort } from './meta-headings.ts'
import { outlineOf } from './outline.ts'
import { sharedSubject } from './shared-subject.ts'
import { termKeys } from './terms.ts'

const readChars = 500_000
const titleWordsMax = 16

/** A title and whether the author gave it; one that was found in other words says less about the subject. */
export interface FoundTitle {
  title: string
  isGiven: boolean
}

/**
 * The title of the article that a guideline is about: its own heading or “Title:” line; else how it names itself in its
 * series (“this is lesson 5”, and “Lesson 5 - …” in a list); else what its introduction announces; else what its outline
 * shares and begins with; else its file's name; else its first words. A heading that only frames is no title.
 */
export function articleTitle(guideline: string, fileName?: string): string {
  const { title } = findTitle(guideline, fileName)
  return visibleLine(title.charAt(0).toUpperCase() + title.slice(1), 200) || 'Untitled article'
}

export function findTitle(guideline: string, fileName?: string): FoundTitle {
  const text = guideline.slice(0, readChars)
  const parts = partsOf(text)
  const structure = structureOf(parts)
  const own = headingTitle(parts, structure) || titleLine(text)
  if (own) return { title: own, isGiven: true }
  const intro = structure.frame.length > 0 ? structure.frame : parts
  const title =
    seriesTitle(text) ||
    announcedTitle(intro) ||
    outlineTitle(text, structure) ||
    fileTitle(fileName) ||
    firstWords(text)
  return { title, isGiven: false }
}

/** The first heading, or the only one of the first level. */
function headingTitle(parts: readonly GuidelinePart[], { sections }: GuidelineStructure): string {
  const headings = parts.filter(({ level }) => level > 0 && level < 7)
  const tops = headings.filter(({ level }) => level === 1)
  const inOutline = new Set(sections.flatMap((section) => section.parts))
  for (const part of [...(tops.length === 1 ? tops : []), ...headings.slice(0, 1)]) {
    const title = part.heading.replace(/^(?:article )?guidelines?\s*[:–—-]\s*/i, '')
    const isTopic =
      !isFrameHeading(title) &&
      !isGenericHeading(title) &&
      !isOutlineHeading(title) &&
      !isSourceList(part) &&
      ['topic', 'generic'].includes(headingSort(title))
    if (!inOutline.has(part) && isTopic) return title
  }
  return ''
}

const titleLine = (text: string): string =>
  /^[\s>*_#-]*(?:(?:working|article|lesson|post|proposed|draft) )?title(?:\s*[*_]*[:.][*_]*|\s+[-–—])\s*(\S[^\n]{2,200})$/im
    .exec(text)?.[1]
    ?.replace(/[*_`]+/g, '')
    .trim() ?? ''

const unit = 'lesson|chapter|part|module|article|post|episode|week|session|unit|tutorial'

/** “This is lesson 5”, “the 5th lesson”: what the guideline calls that one, there or in its list of all. */
function seriesTitle(text: string): string {
  const said = new RegExp(
    `\\b(?:this is|this will be|we are (?:now )?(?:writing|on)|current(?:ly)?)\\b[^.\\n]{0,60}?\\b(?:(${unit}) (\\d{1,3})|(\\d{1,3})(?:st|nd|rd|th) (${unit}))\\b(?:\\s*\\([^)\\n]*\\))?([^\\n]{0,300})`,
    'i',
  ).exec(text)
  if (!said) return ''
  const kind = said[1] ?? said[4] ?? ''
  const number = said[2] ?? said[3] ?? ''
  const named = new RegExp(
    `(?:\\b${kind}|\\b${kind.charAt(0)})\\s?0*${number}\\b\\**\\s*(?:[-–—:]+)\\s*\\**\\s*([^\\n*]{3,200})`,
    'i',
  ).exec(text)?.[1]
  const about = /^\s*(?:,\s*)?(?:on|about|covering)\s+([^.\n]{3,200})/i.exec(said[5] ?? '')?.[1]
  return headOf(about ?? '') || headOf(named ?? '')
}

const announces =
  /\b(?:(?:in )?(?:this|the) (?:article|lesson|post|piece|guide|tutorial|chapter|essay|section|course)|we|i|it)(?:,? we| i)?\b[^.!?]{0,40}?\b(?:talk(?:ing)? about|explor(?:es?|ing)|covers?|covering|shows?|explains?|discuss(?:es)?|introduces?|presents?|describes?|examines?|looks? (?:at|into)|dive into|teach(?:es)?|write about|is about|focus(?:es)? on|learn(?: about)?|build|walk(?:s)? through)\b\s*(.+)$/i
const commands =
  /^(?:please )?(?:write|draft|create|prepare) (?:me )?(?:an? |the )?(?:[\w-]+ ){0,3}?(?:article|post|essay|piece|tutorial|text|guide|report) (?:about|on|for|explaining|describing|that explains)\s+(.+)$/i
const defines = /^(.{3,60}?)\s+(?:is|are|refers? to|means)\s+(?:an?|the|when|how|one)\b/i

/** What the first paragraphs announce: “This article explores how …”, “Function calling is a mechanism that …”. */
function announcedTitle(parts: readonly GuidelinePart[]): string {
  for (const part of parts.slice(0, 6)) {
    for (const paragraph of part.paragraphs.slice(0, 2)) {
      for (const sentence of paragraph.split(/(?<=[.!?])\s+/).slice(0, 2)) {
        const bare = sentence
          .replace(/\([^()]*\)/g, '')
          .replace(/\s+/g, ' ')
          .trim()
        const said =
          commands.exec(bare)?.[1] ?? announces.exec(bare)?.[1] ?? defines.exec(bare)?.[1] ?? ''
        const named = /,\s*(?:which are|namely|that is|i\.e\.,?)\s+(.+)$/i.exec(said)?.[1]
        const title = headOf(named ?? '') || headOf(said)
        if (title && termKeys(title).size > 1 && !isFrameHeading(title)) return title
      }
    }
  }
  return ''
}

/** Its first clause, when that has few enough words for a title. */
function headOf(said: string): string {
  const [first = ''] = said
    .replace(/^(?:that|about|on|of)\s+/i, '')
    .split(/(?:[.;]|,(?=\s)|:(?=\s)|\s[-–—]\s|\s(?:so that|because|by (?:the )?end))/)
  const words = first
    .replace(/[*_`"“”]+/g, '')
    .trim()
    .split(/\s+/)
  return words.length > titleWordsMax ? words.slice(0, titleWordsMax).join(' ') : words.join(' ')
}

function outlineTitle(text: string, { sections, listed }: GuidelineStructure): string {
  if (sections.length === 0 && !listed) return ''
  const outline = outlineOf(text)
  const subject = sharedSubject(outline)
  const topical = outline
    .map(({ title }) => withoutGenericHead(withoutMarks(title)))
    .filter((title) => title !== '' && !isGenericHeading(title))
  const first = topical[0] ?? ''
  if (subject === '' || first === '') return first || subject
  const known = termKeys(first)
  return [...termKeys(subject)].every((key) => known.has(key)) ? first : `${subject}: ${first}`
}

/** “Introduction: the decision” is about the decision. */
function withoutGenericHead(title: string): string {
  const [, head = '', tail = ''] = /^([^:]+):\s+(.*)$/.exec(title) ?? []
  return isGenericHeading(head) && tail !== '' ? tail.replace(/^[.…]+$/, '') : title
}

const unnamed =
  /^(?:article|guideline|guide|lesson|notes?|index|readme|draft|untitled|document|text|input|file|new|final|copy|v?\d+|[0-9a-f]{6,}|[\s_.-])+$/i

function fileTitle(fileName: string | undefined): string {
  const base = (fileName ?? '').replace(/^.*[/\\]/, '').replace(/\.[a-z0-9]{1,8}$/i, '')
  const words = base.replace(/[_\-.\s]+/g, ' ').trim()
  if (words === '' || unnamed.test(base)) return ''
  return words.replace(
    /^(?:\d{1,3}\s+)?(?:article )?guidelines? (?:for |on )?|\s+(?:article )?guidelines?$/gi,
    '',
  )
}

function firstWords(text: string): string {
  const lines = text.split('\n').filter((line) => /[\p{L}\p{N}]/u.test(line))
  const heading = lines.find((line) => /^#{1,6}\s+\S/.test(line))
  const words = (heading ?? lines[0] ?? '').replace(/^#{1,6}\s+/, '').replace(/[*_`[\]]/g, '')
  return clipGraphemes(words.replace(/^\s*(?:article )?guidelines?\s*[:–—-]\s*/i, ''), 200)
}
