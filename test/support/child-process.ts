import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { inTime } from './in-time.ts'

/** A Node process of ours that a test can talk to and kill. */
export interface Child extends AsyncDisposable {
  process: ChildProcess
  /** The next line of its output, parsed as JSON. Throws Error with its complaints when it ended or takes too long. */
  answer<T>(deadlineMs?: number): Promise<T>
  /** Ends it with -9 and resolves when it is gone. */
  kill(): Promise<void>
  /** Closes its input, by which our programs end in good order; resolves with the exit code. */
  finish(): Promise<number | null>
}

/** Starts a program with Node; disposing of it kills it. */
export function startChild(program: URL, ...args: string[]): Child {
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const gone = once(child, 'close')
  const kill = async () => {
    child.kill('SIGKILL')
    await gone
  }
  return {
    process: child,
    async answer<T>(deadlineMs?: number) {
      const { value, done } = await inTime(
        lines.next(),
        () => `an answer of the child, which says: ${complaints}`,
        deadlineMs,
      )
      if (done) throw new Error(`the child ended without an answer: ${complaints}`)
      return JSON.parse(value) as T
    },
    kill,
    async finish() {
      child.stdin.end()
      const [code] = await gone
      return code
    },
    [Symbol.asyncDispose]: kill,
  }
}
