/** A limit on working time: it runs while we talk to a server and stands still while we queue politely. */
export interface TimeLimit {
  /** Fires when the time is used up or the caller gives up. */
  signal: AbortSignal
  /** Whether it was the time, not the caller. */
  expired: () => boolean
  leftMs: () => number
  resume: () => void
  pause: () => void
}

export function createTimeLimit(limitMs: number, caller: AbortSignal | undefined): TimeLimit {
  const own = new AbortController()
  let left = limitMs
  let startedAt: number | undefined
  let timer: NodeJS.Timeout | undefined
  const leftMs = () => (startedAt === undefined ? left : left - (performance.now() - startedAt))
  const pause = () => {
    left = leftMs()
    startedAt = undefined
    clearTimeout(timer)
  }
  return {
    signal: caller ? AbortSignal.any([caller, own.signal]) : own.signal,
    expired: () => own.signal.aborted,
    leftMs,
    pause,
    resume() {
      pause()
      startedAt = performance.now()
      timer = setTimeout(() => own.abort(new Error('time limit')), Math.max(0, left))
    },
  }
}
