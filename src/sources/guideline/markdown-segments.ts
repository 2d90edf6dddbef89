import { closedPlaces, isClosed, nothingOpen, type OpenInline } from './open-inline.ts'

/** Start offsets and ends of parts of a Markdown text that parse alone as they do together. */
export interface Segment {
  start: number
  end: number
  /** The part is exactly one fenced code block: nothing in it is markup. */
  isFence: boolean
}

interface Leaf {
  /** The line on which a fence or an HTML block at the top level ends. */
  ends: RegExp
  isFence: boolean
}

const fence = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})/
/** A bullet that begins with plain text: what else it may hold depends on whether it ends a paragraph. */
const bullet = /^[-+*] {1,4}(?![-+*](?:[ \t]|$)|\d{1,9}[.)]|\[\^|[<>|\s])\S/
/** Items that read differently after a paragraph than alone; no cut is made before them. */
const doubtfulItem = /^(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)/
const marker = /^( {0,3}(?:[-+*]|\d{1,9}[.)]))(?:([ \t]+)|$)/
const footnote = /^ {0,3}\[\^/
const thematicBreak = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/
/** Lines that end a list instead of continuing its last paragraph. */
const endsList = /^ {0,3}(?:#{1,6}(?:[ \t]|$)|>)/
const htmlBlocks: readonly (readonly [RegExp, RegExp])[] = [
  [/^ {0,3}<(?:script|pre|style|textarea)(?=[\s>]|$)/i, /<\/(?:script|pre|style|textarea)>/i],
  [/^ {0,3}<!(?=--)/, /-->/],
  [/^ {0,3}<(?=\?)/, /\?>/],
  [/^ {0,3}<!\[CDATA\[/, /\]\]>/],
  [/^ {0,3}<![a-z]/i, />/],
]

/** At the beginning of a block: what looks like inline markup in it is code, and opens nothing. */
const indentedCode = /^(?: {4}| {0,3}\t)/

/** Lines after which text at the margin may belong to a table, a quotation or what stands in it. */
const endsCertainty = /^ {0,3}>|^(?=[^-]*-)[\s|:-]+$/

/**
 * Cuts a text where every container is closed: before a line at the left margin that follows an empty one
 * or begins a bullet, outside top-level fences and HTML blocks, and around such fences; and between the
 * words of a paragraph where no inline markup is open. The parser's time grows faster than its
 * text, so parsing parts keeps the whole linear. Where it is unsure whether a fence stands in a list or
 * not, it stops cutting: longer parts cost time, a wrong cut would cost a link.
 */
export function markdownSegments(text: string, targetChars: number): Segment[] {
  const segments: Segment[] = []
  const state: State = {
    leaf: null,
    blank: true,
    html: false,
    indent: 0,
    unsure: false,
    inline: nothingOpen(),
  }
  let start = 0
  const cutAt = (end: number, isFence: boolean) => {
    if (end > start) segments.push({ start, end, isFence })
    start = end
  }
  for (let offset = 0; offset < text.length; ) {
    const newline = text.indexOf('\n', offset)
    const next = newline === -1 ? text.length : newline + 1
    const line = text.slice(offset, newline === -1 ? text.length : newline)
    if (mayCut(line, state)) {
      if (!bullet.test(line)) state.indent = 0
      if (offset - start >= targetChars) cutAt(offset, false)
    }
    const isProse = isProseLine(line, state)
    if (isProse && isClosed(state.inline) && offset - start >= targetChars) cutAt(offset, false)
    const mayCutWithin = isProse && line.length > targetChars && !line.includes('|')
    for (const place of closedPlaces(line, state.inline)) {
      if (mayCutWithin && offset + place - start >= targetChars) cutAt(offset + place, false)
    }
    const wasFence = state.leaf?.isFence ?? false
    readLine(line, state)
    const isFence = state.leaf?.isFence ?? false
    if (isFence && !wasFence) cutAt(offset, false)
    if (wasFence && !isFence) cutAt(next, true)
    offset = next
  }
  cutAt(text.length, state.leaf?.isFence ?? false)
  return segments
}

type State = {
  leaf: Leaf | null
  /** The line before was empty. */
  blank: boolean
  /** A line since the last empty one began with `<`: an HTML block may be open until the next one. */
  html: boolean
  /** Where the text of the latest list item begins; 0 outside lists. */
  indent: number
  unsure: boolean
  /** What is open in the paragraph; an empty line closes everything. */
  inline: OpenInline
}

/** A line that goes on with a paragraph at the margin, or begins one, and can be nothing else. */
const isProseLine = (line: string, state: State): boolean =>
  !state.leaf && !state.unsure && !state.html && state.indent === 0 && /^\p{L}/u.test(line)

function mayCut(line: string, state: State): boolean {
  if (state.leaf || state.unsure || line === '' || line.startsWith(' ') || line.startsWith('\t')) {
    return false
  }
  if (bullet.test(line)) return state.blank || !state.html
  return state.blank && !doubtfulItem.test(line)
}

function readLine(line: string, state: State): void {
  if (state.unsure) return
  if (state.leaf) {
    if (state.leaf.ends.test(line)) state.leaf = null
    state.blank = false
    return
  }
  if (line.trim() === '') state.inline = nothingOpen()
  else if (endsCertainty.test(line) || (state.blank && indentedCode.test(line))) {
    state.inline.doubtful = true
  }
  const inList = state.indent > 0 && state.indent < Number.POSITIVE_INFINITY
  const interrupts = !state.blank && !inList
  state.blank = line.trim() === ''
  if (state.blank) {
    state.html = false
    return
  }
  const indent = line.length - line.trimStart().length
  const leaf = leafBegun(line)
  if (leaf) openLeaf(leaf, indent, state)
  if (/^ {0,3}</.test(line)) state.html = true
  const isBreak = thematicBreak.test(line)
  if (indent < state.indent && (isBreak || endsList.test(line))) state.indent = 0
  else if (!isBreak) {
    const opened = textIndent(line, interrupts)
    // Inside HTML a marker is no item, and which block it stands in is not known here.
    if (opened === null) state.indent = stillIn(state.indent, indent)
    else state.indent = state.html ? Number.POSITIVE_INFINITY : opened
  }
}

/**
 * The column at which the text of the item begins that this line opens; infinite when it is doubtful that
 * the line opens one, so that every indented fence after it is doubtful too.
 */
function textIndent(line: string, interrupts: boolean): number | null {
  if (footnote.test(line)) return Number.POSITIVE_INFINITY
  const item = marker.exec(line)
  if (!item) return null
  const [, mark = '', gap = ''] = item
  const isPlain = /^ {1,4}$/.test(gap) && gap.length + mark.length < line.length
  const isItem = !interrupts || /^ *(?:[-+*]|1[.)])$/.test(mark)
  return isPlain && isItem ? mark.length + gap.length : Number.POSITIVE_INFINITY
}

/** A shallower line either continues the item's last paragraph or has ended the list: doubtful again. */
const stillIn = (itemIndent: number, indent: number): number =>
  indent < itemIndent ? Number.POSITIVE_INFINITY : itemIndent

function openLeaf(leaf: Leaf, indent: number, state: State): void {
  if (state.html) state.unsure = true
  else if (indent === 0 || state.indent === 0) {
    state.leaf = leaf
    state.indent = 0
  } else if (indent < state.indent) state.unsure = true
}

function leafBegun(line: string): Leaf | null {
  const fenced = fence.exec(line)?.[2]
  if (fenced) {
    const ends = new RegExp(`^ {0,3}\\${fenced.charAt(0)}{${fenced.length},}[ \\t]*$`)
    return { ends, isFence: true }
  }
  const html = htmlBlocks.find(([begins]) => begins.test(line))
  if (!html) return null
  const [begins, ends] = html
  return ends.test(line.replace(begins, '')) ? null : { ends, isFence: false }
}
