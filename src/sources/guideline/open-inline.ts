/** What of a paragraph's inline markup is open behind the text read so far. */
export interface OpenInline {
  brackets: number
  /** Length of the run of backticks that began a code span; 0 outside. */
  backticks: number
  /** Something was read that may reach further than this can tell. */
  doubtful: boolean
}

export const nothingOpen = (): OpenInline => ({ brackets: 0, backticks: 0, doubtful: false })

export const isClosed = (open: OpenInline): boolean =>
  open.brackets === 0 && open.backticks === 0 && !open.doubtful

const token = /\\.?|`+|[[\]<]|[ \t](?=\p{L})/gsu
/** A destination without anything that could end it elsewhere, perhaps with a title. */
const resource = /\([^\s()<>"'`\\[\]]*(?:[ \t]+"[^"\\`<[\]]*")?\)/y
/** Addresses in angle brackets, and tags without anything that could hide a bracket. */
const angle =
  /<(?:[a-z][a-z0-9+.-]{1,31}:[^\s<>`[\]]*|\/?[a-z][a-z0-9-]*(?:[ \t]+[a-z-]+="[^"<>`[\]]*")*[ \t]*\/?)>/iy

/**
 * Reads one line of a paragraph on, and yields the places between two words at which no code span, link or
 * tag is open: what stands behind them reads alone as it does here. It would rather call a place doubtful
 * than be wrong. Each character is read once.
 */
export function* closedPlaces(line: string, open: OpenInline): Generator<number> {
  token.lastIndex = 0
  for (let match = token.exec(line); match; match = token.exec(line)) {
    const [text] = match
    const { index } = match
    const next = index + text.length
    if (text === ' ' || text === '\t') {
      if (isClosed(open)) {
        yield next
        token.lastIndex = next
      }
    } else if (text.startsWith('`')) readBackticks(line, index, text.length, open)
    else if (text.startsWith('\\')) {
      if (text === '\\`' || text === '\\') open.doubtful = true
    } else if (open.backticks === 0) {
      token.lastIndex = readMark(line, index, open)
    }
  }
}

function readBackticks(line: string, index: number, length: number, open: OpenInline): void {
  // A bare address takes backticks for its own.
  if (/[^\s`]/.test(line.charAt(index - 1)) && mayBeInAddress(line, index)) open.doubtful = true
  if (open.backticks === 0) open.backticks = length
  else if (open.backticks === length) open.backticks = 0
}

function mayBeInAddress(line: string, index: number): boolean {
  const word =
    line
      .slice(Math.max(0, index - 300), index)
      .split(/\s/)
      .at(-1) ?? ''
  return word.length >= 300 || /:\/\/|www\./i.test(word)
}

/** A bracket or `<`; returns where to read on. */
function readMark(line: string, index: number, open: OpenInline): number {
  const mark = line.charAt(index)
  const next = line.charAt(index + 1)
  if (mark === '[') open.brackets += 1
  else if (mark === ']') {
    if (next === ':') open.doubtful = true
    if (open.brackets === 0) return index + 1
    open.brackets -= 1
    if (next === '(') return endOf(resource, line, index + 1, open)
  } else if (/[a-z/!?]/i.test(next)) return endOf(angle, line, index, open)
  return index + 1
}

function endOf(pattern: RegExp, line: string, index: number, open: OpenInline): number {
  pattern.lastIndex = index
  if (pattern.test(line)) return pattern.lastIndex
  open.doubtful = true
  return index + 1
}
