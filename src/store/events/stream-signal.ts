import { EventEmitter } from 'node:events'
import type { StreamRef } from './event-store.ts'

/**
 * Tells waiters of this process that a stream has changed, right after the commit. Other processes
 * notice by their next poll: a NOTIFY inside the append would serialise all commits.
 */
export class StreamSignal {
  readonly #emitter = new EventEmitter().setMaxListeners(0)

  changed(stream: StreamRef): void {
    this.#emitter.emit(key(stream))
    this.#emitter.emit('any')
  }

  /** Calls back after every append of this process. */
  onAny(listener: () => void): () => void {
    this.#emitter.on('any', listener)
    return () => this.#emitter.off('any', listener)
  }

  /** `done` resolves at the stream's next change or after the time, whichever is first. */
  next(stream: StreamRef, timeoutMs: number): { done: Promise<void>; cancel: () => void } {
    const name = key(stream)
    let cancel = () => {}
    const done = new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#emitter.off(name, end)
        resolve()
      }
      const timer = setTimeout(end, Math.max(0, timeoutMs))
      this.#emitter.once(name, end)
      cancel = end
    })
    return { done, cancel }
  }
}

const key = (stream: StreamRef): string => `${stream.userId}\n${stream.streamId}`
