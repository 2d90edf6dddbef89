import { stripVTControlCharacters, styleText } from 'node:util'
import { clipGraphemes, visibleLine, visibleText } from '../../visible-text.ts'

/** Where a command shows what it does. */
export interface Terminal {
  /** One line of the result, on stdout. */
  print: (line?: string) => void
  /** One line about a problem, on stderr. */
  complain: (line: string) => void
  /** A line that the next one replaces; shown on a terminal only. */
  status: (line: string) => void
  paint: (color: Color, text: string) => string
  /** Asks the person and reads a line; null where nobody sits at both ends. */
  ask: ((question: string) => Promise<string>) | null
}

export type Color = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

interface Streams {
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
}

/** Colours follow the terminal, NO_COLOR and FORCE_COLOR, as Node's `styleText` does. */
export function createTerminal({ stdin, stdout, stderr }: Streams): Terminal {
  let statusShown = false
  const clear = () => {
    if (statusShown) stdout.write('\r\u001b[2K')
    statusShown = false
  }
  return {
    print(line = '') {
      clear()
      stdout.write(`${visible(line)}\n`)
    },
    complain(line) {
      clear()
      stderr.write(`${visible(line)}\n`)
    },
    status(line) {
      if (!stdout.isTTY) return
      clear()
      stdout.write(fitted(visible(line), stdout.columns || 80))
      statusShown = true
    },
    paint: (color, text) => styleText(color, text, { stream: stdout }),
    ask:
      stdin.isTTY && stdout.isTTY
        ? async (question) => {
            clear()
            const { createInterface } = await import('node:readline/promises')
            const lines = createInterface({ input: stdin, output: stdout })
            // Ctrl-C at the question is Ctrl-C of the command.
            lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
            try {
              return await lines.question(visible(question))
            } finally {
              lines.close()
            }
          }
        : null,
  }
}

const colour = new RegExp(`(${'\u001b'}\\[[\\d;]*m)`)

/** Colours are ours; any other control could move the cursor, rename the window or hide what it stands in. */
const visible = (line: string): string =>
  line
    .split(colour)
    .map((part, at) => (at % 2 === 1 ? part : visibleText(part)))
    .join('')

/** A line that wraps could not be replaced; one that is cut loses its colours. */
function fitted(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line)
  return plain.length < columns ? line : `${clipGraphemes(plain, Math.max(0, columns - 2))}…`
}

/** Words of others (titles, addresses) as one line that cannot steer the terminal. */
export const oneLine = (text: string, max = 200): string =>
  visibleLine(stripVTControlCharacters(text.slice(0, max * 16)), max)
