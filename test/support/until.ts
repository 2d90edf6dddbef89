import { setTimeout as delay } from 'node:timers/promises'

/**
 * Resolves once the condition holds. The deadline, in milliseconds, ends a wait that is lost and says nothing about speed.
 * Throws Error with what was waited for and for how long; a condition that throws ends the wait at once.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 60_000,
): Promise<void> {
  const since = performance.now()
  const over = new AbortController()
  const expired = delay(deadlineMs, undefined, { signal: over.signal }).then(() => {
    const seconds = ((performance.now() - since) / 1000).toFixed(1)
    throw new Error(`waited ${seconds} s in vain for ${what}`)
  })
  const holds = async () => {
    while (!over.signal.aborted && !(await condition())) await delay(10)
  }
  try {
    await Promise.race([holds(), expired])
  } finally {
    over.abort()
    expired.catch(() => {})
  }
}
