import { setTimeout as sleep } from 'node:timers/promises'
import { networkFailure } from './network-failure.ts'
import type { Landing } from './outbound.ts'
import { backoffMs, longestRetryDelayMs, retryAfterMs } from './retry-delay.ts'
import type { TimeLimit } from './time-limit.ts'

const retriedStatuses = new Set([429, 502, 503, 504])

/**
 * Tries again after a broken connection or an answer that says "later". A wait that does not fit into the
 * time left is not begun: the answer as it is comes back at once.
 */
export async function withRetries(
  retries: number,
  baseMs: number,
  limit: TimeLimit,
  ways: { attempt: () => Promise<Landing>; holdOff: (host: string, ms: number) => void },
): Promise<Landing> {
  for (let attempt = 0; ; attempt += 1) {
    const last = attempt >= retries
    let waitMs = backoffMs(attempt, baseMs)
    try {
      const landing = await ways.attempt()
      const { response, url } = landing
      if (!retriedStatuses.has(response.status)) return landing
      const asked = retryAfterMs(response.headers.get('retry-after'), new Date())
      waitMs = asked ?? waitMs
      if (asked !== undefined) ways.holdOff(url.host, Math.min(asked, longestRetryDelayMs))
      if (last || waitMs > Math.min(longestRetryDelayMs, limit.leftMs())) return landing
      await response.body?.cancel()
      landing.endTurn()
    } catch (error) {
      const failure = networkFailure(error, limit)
      if (last || failure.reason !== 'CONNECTION') throw failure
    }
    limit.resume()
    await sleep(waitMs, undefined, { signal: limit.signal })
    limit.pause()
  }
}
