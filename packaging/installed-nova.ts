import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { inTime } from '../test/support/in-time.ts'

/** A folder that a process may write to, and the user that it runs as; undefined: ours. */
export interface Home {
  path: string
  uid?: number | undefined
}

/** A command of the installed package that runs. */
export interface InstalledProcess extends AsyncDisposable {
  /** Everything it printed so far. */
  output: () => string
  /** Resolves with the first match in what it prints; throws Error when that takes too long. */
  printed: (pattern: RegExp) => Promise<RegExpExecArray>
  signal: (name: NodeJS.Signals) => void
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
}

/** Nothing of our own settings and folders: what a person has on the first day. */
const environment = (node: string, { path }: Home): Record<string, string> => ({
  PATH: `${dirname(node)}:/usr/bin:/bin`,
  HOME: path,
  TMPDIR: path,
})

const program = (folder: string, name: string) => join(folder, 'node_modules', '.bin', name)

/** Starts a command of the package that is installed in a folder; disposing of it kills it. */
export function startInstalled(
  node: string,
  folder: string,
  args: readonly string[],
  home: Home,
  settings: Record<string, string> = {},
  name = 'nova',
): InstalledProcess {
  const child = spawn(node, [program(folder, name), ...args], {
    cwd: home.path,
    env: { ...environment(node, home), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(home.uid !== undefined && { uid: home.uid, gid: home.uid }),
  })
  let output = ''
  const told = new EventTarget()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      told.dispatchEvent(new Event('output'))
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  return {
    output: () => output,
    printed(pattern) {
      const match = new Promise<RegExpExecArray>((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output)
          if (found) resolve(found)
        }
        told.addEventListener('output', look)
        look()
        void ended.then(() => reject(new Error(`it ended without ${pattern}: ${output}`)))
      })
      return inTime(match, () => `${pattern} in what it prints: ${output}`)
    },
    signal: (signal) => child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** How an MCP client starts the package that is installed in a folder. */
export const startMcp = (node: string, folder: string, home: Home) => ({
  command: node,
  args: [program(folder, 'nova'), 'mcp'],
  env: environment(node, home),
  cwd: home.path,
})
