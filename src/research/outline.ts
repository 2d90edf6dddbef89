/** One part of the article that the guideline asks for. */
export interface OutlineSection {
  title: string
  /** Its list items, without links and numbering. */
  points: string[]
  /** Everything below its heading, for weighing words. */
  text: string
}

const sectionsMax = 60
const pointsMax = 20
const titleCharsMax = 200

/** Headings that say how to write, not what about. */
const instructions =
  /^(?:(?:article )?guidelines?|outline|references?|sources?|links?|resources?|local files?|files?|notes?|(?:writing )?style|tone|format(?:ting)?|length|audience|target audience|instructions?|requirements?|table of contents|toc|metadata|further reading|golden sources?|other sources?)$/i

/**
 * The sections of a guideline: its headings with their list items; without headings, its top list items;
 * without those, its paragraphs. Deterministic, linear, and content with any text.
 */
export function outlineOf(guidelineText: string): OutlineSection[] {
  const sections: OutlineSection[] = []
  const preamble: OutlineSection = { title: '', points: [], text: '' }
  let current = preamble
  // A single heading of the first level is the article's title, not a part of it.
  let onlyTitle: OutlineSection | null = null
  let titles = 0
  let fenced = false
  for (const line of guidelineText.slice(0, 500_000).split(/\r\n|\n|\r/)) {
    if (/^\s{0,3}(?:```|~~~)/.test(line)) fenced = !fenced
    const heading = fenced ? null : /^\s{0,3}(#{1,6})\s+(.*)$/.exec(line)
    if (heading) {
      if (heading[1] === '#') titles += 1
      current = { title: plainText(heading[2] ?? '').replace(/[\s#]+$/, ''), points: [], text: '' }
      if (current.title !== '') sections.push(current)
      if (heading[1] === '#') onlyTitle = titles === 1 ? current : null
      continue
    }
    const point = fenced ? null : /^\s*(?:[-*+]|\d{1,3}[.)])\s+(.*)$/.exec(line)
    const text = plainText(point?.[1] ?? line)
    if (point && text !== '' && current.points.length < pointsMax) current.points.push(text)
    current.text += `${text}\n`
  }
  const found = sections
    .filter((section) => !instructions.test(section.title))
    .filter((section, _index, all) => section !== onlyTitle || all.length === 1)
    .slice(0, sectionsMax)
  return found.length > 0 ? found : withoutHeadings(preamble, sections)
}

function withoutHeadings(preamble: OutlineSection, skipped: OutlineSection[]): OutlineSection[] {
  const points = [preamble, ...skipped].flatMap((section) => section.points)
  const paragraphs = preamble.text.split(/\n{2,}/)
  return (points.length > 0 ? points : paragraphs)
    .map((text) => ({ title: text.replace(/\s+/g, ' ').trim(), points: [], text }))
    .filter(({ title }) => title !== '')
    .map((section) => ({ ...section, title: section.title.slice(0, titleCharsMax) }))
    .slice(0, sectionsMax)
}

/** A line without its Markdown dress, its addresses, and numbering such as `Section 2 -`. */
function plainText(line: string): string {
  return line
    .slice(0, 2_000)
    .replace(/!?\[([^\][]*)\]\([^()\s]*\)/g, '$1')
    .replace(/https?:\/\/[^\s)>\]]+/g, '')
    .replace(/[*_`~<>|]+/g, ' ')
    .replace(
      /^\s*(?:(?:section|chapter|part|step)\s+)?(?:\d{1,3}(?:\.\d{1,3})*[.):]?|[ivx]{1,5}[.)])\s*[-–—:]?\s+/i,
      '',
    )
    .replace(/\s+/g, ' ')
    .trim()
}
