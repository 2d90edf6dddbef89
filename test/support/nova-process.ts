import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { folderEnvironment } from './folder-environment.ts'
import { inTime } from './in-time.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** A run of the `nova` command. */
export interface NovaProcess extends AsyncDisposable {
  pid: number
  /** Everything it printed so far. */
  output: () => string
  /** Resolves with the first match in what it prints; throws Error when it ends without one or takes too long. */
  printed: (pattern: RegExp, deadlineMs?: number) => Promise<RegExpExecArray>
  signal: (name: NodeJS.Signals) => void
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
}

/** Starts `nova`, ours or another checkout's, with exactly these settings; disposing of it kills it. */
export function startNova(
  args: readonly string[],
  settings: Record<string, string>,
  cwd = tmpdir(),
  program = main,
): NovaProcess {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...folderEnvironment(), LOG_LEVEL: 'error', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const look of waiting) look()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  return {
    pid: child.pid ?? 0,
    output: () => output,
    printed(pattern, deadlineMs) {
      const match = new Promise<RegExpExecArray>((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output)
          if (!match) return
          waiting.delete(look)
          resolve(match)
        }
        waiting.add(look)
        look()
        void ended.then(() => reject(new Error(`nova ended without ${pattern}: ${output}`)))
      })
      return inTime(match, () => `${pattern} in what nova prints: ${output}`, deadlineMs)
    },
    signal: (name) => child.kill(name),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The server on a free port; resolves with its MCP address once it answers. */
export async function startNovaServer(settings: Record<string, string>) {
  const nova = startNova(['serve', '--port', '0'], settings)
  const [, mcpUrl = ''] = await nova.printed(/MCP +(http:\S+\/mcp)\n/)
  return { ...nova, mcpUrl }
}
