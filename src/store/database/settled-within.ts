import { setTimeout as delay } from 'node:timers/promises'

/** Waits until the work has ended, well or not, and no longer than this; says whether it has. Never throws. */
export async function settledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController()
  const ended = work.then(
    () => true,
    () => true,
  )
  const timeUp = delay(ms, false, { signal: over.signal }).catch(() => false)
  try {
    return await Promise.race([ended, timeUp])
  } finally {
    over.abort()
  }
}
