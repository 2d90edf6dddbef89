/** Longest wait between two tries, in milliseconds; a server that asks for more gets its answer recorded. */
export const longestRetryDelayMs = 20_000

/** What Retry-After says, in milliseconds from now; undefined when absent or unreadable. */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined
  const value = header.trim()
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime())
}

/** Full jitter: many clients that failed together do not come back together. */
export const backoffMs = (attempt: number, baseMs: number): number =>
  Math.random() * Math.min(longestRetryDelayMs, baseMs * 2 ** attempt)
