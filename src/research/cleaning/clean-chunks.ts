/** A run of lines that one request shows to the model; numbers count from one and hold for the whole page. */
export interface Chunk {
  first: number
  last: number
  /** The lines with their numbers, long ones shortened. */
  numbered: string
}

const chunkCharsMax = 24_000
const chunksMax = 12
const lineCharsShown = 400

/** Cuts a page into requests of bounded size; `left` lines behind the last request are kept unseen. */
export function chunkLines(lines: readonly string[]): { chunks: Chunk[]; left: number } {
  const chunks: Chunk[] = []
  let shown: string[] = []
  let size = 0
  const close = (last: number) => {
    if (shown.length === 0) return
    chunks.push({ first: last - shown.length + 1, last, numbered: shown.join('\n') })
    shown = []
    size = 0
  }
  for (const [index, line] of lines.entries()) {
    const text = `${index + 1}: ${shorten(line)}`
    if (size + text.length > chunkCharsMax) close(index)
    if (chunks.length === chunksMax) return { chunks, left: lines.length - index }
    shown.push(text)
    size += text.length + 1
  }
  close(lines.length)
  return { chunks, left: 0 }
}

const shorten = (line: string): string =>
  line.length <= lineCharsShown
    ? line
    : `${line.slice(0, lineCharsShown)} … (${line.length - lineCharsShown} more characters)`
