import { type ChildProcess, fork } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import { setPriority } from 'node:os'
import { dirname, extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SourceFailure } from '../../source-failure.ts'
import { type ExtractionPool, poolOf } from './extraction-pool.ts'
import type { ExtractionSettings } from './extraction-settings.ts'
import type { HostAnswer, HostOrder } from './host-messages.ts'

const host = fileURLToPath(new URL(`./extraction-host${extname(import.meta.url)}`, import.meta.url))

interface Pending {
  resolve: (output: unknown) => void
  reject: (failure: SourceFailure) => void
}

/** Requests come first. At 10, below normal, four busy processes would leave it a fortieth of a core. */
const slightlyLower = 5

/**
 * Turns answers into Markdown in a process of its own, started with the first and ended when idle. A page
 * that brings the process down, or the kernel that ends it, costs the pages in hand; the next ones start
 * another.
 */
export function createExtractionProcess(settings: ExtractionSettings = {}): ExtractionPool {
  const pending = new Map<number, Pending>()
  let child: ChildProcess | undefined
  let idle: NodeJS.Timeout | undefined
  let last = 0
  let closed = false

  const start = (): ChildProcess => {
    const started = fork(host, {
      serialization: 'advanced',
      // The keys are in the environment, and the process reads what strangers wrote.
      env: compileCache(),
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const failed = () => {
      if (child === started) child = undefined
      failAll(new SourceFailure('EXTRACTION_FAILED'))
    }
    started.once('exit', failed)
    started.on('error', failed)
    started.on('message', (answer: HostAnswer) => hear(answer))
    yieldTo(started)
    const { timeoutMs = 30_000, memoryMegabytes = 640 } = settings
    send(started, { limits: { timeoutMs, memoryMegabytes } })
    return started
  }
  const hear = (answer: HostAnswer) => {
    if ('bug' in answer) {
      settings.onBug?.(answer.bug)
      return
    }
    const job = pending.get(answer.done)
    forget(answer.done)
    if ('output' in answer.answer) job?.resolve(answer.answer.output)
    else if ('failure' in answer.answer) {
      job?.reject(new SourceFailure(answer.answer.failure.reason, answer.answer.failure.detail))
    } else job?.reject(new SourceFailure('EXTRACTION_FAILED'))
  }
  const forget = (id: number) => {
    pending.delete(id)
    if (pending.size > 0) return
    clearTimeout(idle)
    idle = setTimeout(stop, settings.idleMs ?? 20_000)
    idle.unref()
    // An idle child keeps nobody alive: a command that is done may end.
    child?.channel?.unref()
    child?.unref()
  }
  const failAll = (failure: SourceFailure) => {
    for (const [id, job] of pending) {
      forget(id)
      job.reject(failure)
    }
  }
  const stop = () => {
    clearTimeout(idle)
    const stopped = child
    child = undefined
    stopped?.removeAllListeners()
    stopped?.on('error', () => undefined)
    stopped?.kill('SIGKILL')
  }

  return poolOf({
    run(task, share, signal) {
      if (closed || signal?.aborted) return Promise.reject(new SourceFailure('CANCELLED'))
      clearTimeout(idle)
      child ??= start()
      child.ref()
      child.channel?.ref()
      last += 1
      const id = last
      const done = Promise.withResolvers<unknown>()
      pending.set(id, done)
      send(child, { run: id, task, share })
      const cancel = () => child && send(child, { cancel: id })
      signal?.addEventListener('abort', cancel, { once: true })
      return done.promise.finally(() => signal?.removeEventListener('abort', cancel))
    },
    close() {
      closed = true
      failAll(new SourceFailure('CANCELLED'))
      stop()
      return Promise.resolve()
    },
  })
}

/** On a busy core requests come first: what the server answers is short, what the child does may be long. */
function yieldTo({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, slightlyLower)
  } catch {
    // It has ended, or the system does not let us: the work is the same, only its turns are not.
  }
}

/** A child that is going down takes nothing more; its exit settles what is pending. */
function send(child: ChildProcess, order: HostOrder): void {
  if (child.connected) child.send(order, () => undefined)
}

/** The same cache of compiled code as ours, which halves the start; Node appends its version to the folder. */
function compileCache(): { NODE_COMPILE_CACHE?: string } {
  const folder = getCompileCacheDir()
  return folder ? { NODE_COMPILE_CACHE: dirname(folder) } : {}
}
