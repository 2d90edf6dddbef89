/** Start offsets and ends of parts of a Markdown text that parse alone as they do together. */
export interface Segment {
  start: number
  end: number
}

interface Leaf {
  /** The line on which a fence or an HTML block at the top level ends. */
  ends: RegExp
}

const fence = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})/
const bullet = /^[-+*][ \t]+\S/
const marker = /^( {0,3}(?:[-+*]|\d{1,9}[.)]))(?:([ \t]+)|$)/
const footnote = /^ {0,3}\[\^/
const thematicBreak = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/
/** Lines that end a list instead of continuing its last paragraph. */
const endsList = /^ {0,3}(?:#{1,6}(?:[ \t]|$)|>)/
const htmlBlocks: readonly (readonly [RegExp, RegExp])[] = [
  [/^ {0,3}<(?:script|pre|style|textarea)(?=[\s>]|$)/i, /<\/(?:script|pre|style|textarea)>/i],
  [/^ {0,3}<!--/, /-->/],
  [/^ {0,3}<\?/, /\?>/],
  [/^ {0,3}<!\[CDATA\[/, /\]\]>/],
  [/^ {0,3}<![a-z]/i, />/],
]

/**
 * Cuts a text where every container is closed: before a line at the left margin that follows an empty one
 * or begins a bullet, outside top-level fences and HTML blocks. The parser's time grows faster than its
 * text, so parsing parts keeps the whole linear. Where it is unsure whether a fence stands in a list or
 * not, it stops cutting: longer parts cost time, a wrong cut would cost a link.
 */
export function markdownSegments(text: string, targetChars: number): Segment[] {
  const segments: Segment[] = []
  const state: State = { leaf: null, blank: true, html: false, indent: 0, unsure: false }
  let start = 0
  for (let offset = 0; offset < text.length; ) {
    const newline = text.indexOf('\n', offset)
    const next = newline === -1 ? text.length : newline + 1
    const line = text.slice(offset, newline === -1 ? text.length : newline)
    if (mayCut(line, state)) {
      if (!bullet.test(line)) state.indent = 0
      if (offset - start >= targetChars) {
        segments.push({ start, end: offset })
        start = offset
      }
    }
    readLine(line, state)
    offset = next
  }
  segments.push({ start, end: text.length })
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
}

function mayCut(line: string, state: State): boolean {
  if (state.leaf || state.unsure || line === '' || line.startsWith(' ') || line.startsWith('\t')) {
    return false
  }
  return state.blank || (!state.html && bullet.test(line))
}

function readLine(line: string, state: State): void {
  if (state.leaf) {
    if (state.leaf.ends.test(line)) state.leaf = null
    state.blank = false
    return
  }
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
  else if (!isBreak) state.indent = textIndent(line) ?? state.indent
}

/** The column at which the text of the item begins that this line opens. */
function textIndent(line: string): number | null {
  // What continues a footnote is indented by four, so every shallower fence is doubtful.
  if (footnote.test(line)) return 4
  const item = marker.exec(line)
  if (!item) return null
  const width = item[1]?.length ?? 0
  const gap = item[2] ?? ''
  if (gap.includes('\t')) return 4
  return width + (gap.length > 4 ? 1 : Math.max(1, gap.length))
}

function openLeaf(leaf: Leaf, indent: number, state: State): void {
  if (state.html) state.unsure = true
  else if (indent === 0 || state.indent === 0) {
    state.leaf = leaf
    state.indent = 0
  } else if (indent < state.indent) state.unsure = true
}

function leafBegun(line: string): Leaf | null {
  const fenced = fence.exec(line)?.[2]
  if (fenced) return { ends: new RegExp(`^ {0,3}\\${fenced.charAt(0)}{${fenced.length},}[ \\t]*$`) }
  const html = htmlBlocks.find(([begins]) => begins.test(line))
  if (!html) return null
  const [begins, ends] = html
  return ends.test(line.replace(begins, '')) ? null : { ends }
}
