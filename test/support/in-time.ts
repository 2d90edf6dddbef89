/**
 * The promise, for so many milliseconds at most: the deadline ends a wait that is lost and says nothing about
 * speed. Throws Error with what was waited for, as it is said when the time is over.
 */
export async function inTime<T>(
  promise: Promise<T>,
  what: () => string,
  deadlineMs = 180_000,
): Promise<T> {
  const since = performance.now()
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const seconds = ((performance.now() - since) / 1000).toFixed(1)
    reject(new Error(`waited ${seconds} s in vain for ${what()}`))
  }, deadlineMs)
  try {
    return await Promise.race([promise, expired])
  } finally {
    clearTimeout(timer)
  }
}
