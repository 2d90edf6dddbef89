import { stripVTControlCharacters, styleText } from 'node:util'

/** Where a command shows what it does. */
export interface Terminal {
  /** One line of the result, on stdout. */
  print: (line?: string) => void
  /** One line about a problem, on stderr. */
  complain: (line: string) => void
  /** A line that the next one replaces; shown on a terminal only. */
  status: (line: string) => void
  paint: (color: Color, text: string) => string
}

export type Color = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

interface Streams {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
}

/** Colours follow the terminal, NO_COLOR and FORCE_COLOR, as Node's `styleText` does. */
export function createTerminal({ stdout, stderr }: Streams): Terminal {
  let statusShown = false
  const clear = () => {
    if (statusShown) stdout.write('\r\u001b[2K')
    statusShown = false
  }
  return {
    print(line = '') {
      clear()
      stdout.write(`${line}\n`)
    },
    complain(line) {
      clear()
      stderr.write(`${line}\n`)
    },
    status(line) {
      if (!stdout.isTTY) return
      clear()
      stdout.write(fitted(line, stdout.columns || 80))
      statusShown = true
    },
    paint: (color, text) => styleText(color, text, { stream: stdout }),
  }
}

/** A line that wraps could not be replaced; one that is cut loses its colours. */
function fitted(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line)
  return plain.length < columns ? line : `${plain.slice(0, Math.max(0, columns - 2))}…`
}

/** Words of others (titles, addresses) as one line that cannot steer the terminal. */
export const oneLine = (text: string, max = 200): string => {
  const plain = stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
  return plain.length > max ? `${plain.slice(0, max - 1)}…` : plain
}
