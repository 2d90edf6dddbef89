import { literalUrlsIn } from './literal-urls.ts'
import { type Find, findsInMarkdown } from './markdown-finds.ts'
import { markdownSegments } from './markdown-segments.ts'

const segmentChars = 3_000
/** Containers one line may open before it is an attack on the parser's stack. */
const depthMax = 60
/** What parsing may cost in all, in squared brackets: about a second. A line, or a list
 * or quote it lies in, costs what 70 brackets do. */
const costMax = 300_000_000
const lineCost = 5_000
/** A part that could not be cut takes time with the square of its length: a tenth of a mebibyte is a second. */
const charsPerBracket = 60
/** Text without any of these names neither an address nor a file. */
const signs = /:\/\/|www\.|\]|<|\.\w/i

/**
 * Everything a whole guideline names, in its order. The guideline is parsed in parts, with the reference
 * definitions of the whole at hand. A part that nests deeper than any author writes, or comes when the
 * budget for parsing is used up, is read as plain text: its bare addresses and link targets are found,
 * code and definitions in it are not told apart.
 */
export function guidelineFinds(markdown: string): Find[] {
  const parts = markdownSegments(markdown, segmentChars).map((segment) => ({
    segment,
    text: markdown.slice(segment.start, segment.end),
  }))
  let cost = 0
  const read = (text: string, prefix = '') => {
    if (!signs.test(text)) return []
    cost += parsingCost(text)
    if (cost > costMax || isTooDeep(text)) return plainFinds(text)
    return shifted(findsInMarkdown(prefix + text), -prefix.length)
  }
  const first = parts.map(({ segment, text }) => (segment.isFence ? codeFinds(text) : read(text)))
  const definitions = new Set(
    first.flat().flatMap((find) => (find.kind === 'definition' ? [find.identifier] : [])),
  )
  return parts.flatMap(({ segment, text }, part) => {
    const own = first[part] ?? []
    const mayRefer = definitions.size > 0 && !segment.isFence
    const elsewhere = mayRefer ? labelsToDefine(text, own, definitions) : ''
    return shifted(elsewhere ? read(text, elsewhere) : own, segment.start)
  })
}

function shifted(finds: readonly Find[], by: number): Find[] {
  return by === 0
    ? [...finds]
    : finds
        .map((find) => ({ ...find, offset: find.offset + by }))
        .filter((find) => find.offset >= 0)
}

/** Stand-ins for definitions that stand in other parts; only that they exist matters to the parser. */
function labelsToDefine(
  text: string,
  own: readonly Find[],
  definitions: ReadonlySet<string>,
): string {
  const missing = new Map<string, string>()
  for (const [, label = ''] of text.matchAll(/\[((?:[^[\]\\]|\\.)+)\]/gs)) {
    const identifier = identifierOf(label)
    if (definitions.has(identifier)) missing.set(identifier, label)
  }
  for (const find of own) if (find.kind === 'definition') missing.delete(find.identifier)
  return (
    [...missing.values()].map((label) => `[${label.replace(/\s+/g, ' ')}]: elsewhere:\n`).join('') +
    (missing.size ? '\n' : '')
  )
}

/** As micromark folds labels: white space to one space, then case through both directions. */
const identifierOf = (label: string): string =>
  label
    .replace(/[\t\n\r ]+/g, ' ')
    .replace(/^ | $/g, '')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()

function parsingCost(text: string): number {
  let brackets = 0
  let containers = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 10) containers += containersAt(text, index + 1)
    // [ ] < > `
    if (code === 91 || code === 93 || code === 60 || code === 62 || code === 96) brackets += 1
  }
  return brackets ** 2 + containers * lineCost + text.length ** 2 / charsPerBracket
}

/** One for the line, and one for each list or quote it may lie in beyond the usual; each is visited. */
function containersAt(text: string, lineStart: number): number {
  let indent = 0
  let markers = 0
  for (let index = lineStart; ; index += 1) {
    const character = text.charAt(index)
    if (character === ' ') indent += 1
    else if (character === '\t') indent += 4
    else if (character !== '' && '>-+*.)'.includes(character)) markers += 1
    else if (character < '0' || character > '9') break
  }
  return 1 + Math.max(0, markers - 1) + Math.max(0, (indent - 16) / 2)
}

function isTooDeep(text: string): boolean {
  for (const [start] of text.matchAll(/^[ \t>*+\-\d.)]{60,}.?/gm)) {
    const markers = start.match(/>|[-+*](?=[ \t])|\d[.)](?=[ \t])/g)
    const isThematicBreak = /^[ \t]*([-*])(?:[ \t]*\1)*[ \t]*$/.test(start)
    if ((markers?.length ?? 0) > depthMax && !isThematicBreak) return true
  }
  return false
}

const codeFinds = (text: string): Find[] =>
  literalUrlsIn(text).map(({ url, index }) => ({ kind: 'code-link', url, offset: index }))

function plainFinds(text: string): Find[] {
  const finds: Find[] = []
  let offset = 0
  for (const piece of text.split(/([[\]<>"`|]|\)(?=[([])|\]\()/)) {
    for (const { url, index } of literalUrlsIn(piece)) {
      finds.push({ kind: 'link', url, offset: offset + index })
    }
    offset += piece.length
  }
  return finds
}
