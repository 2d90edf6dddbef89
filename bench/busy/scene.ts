import { Refusal } from '../../src/errors.ts'

/** What became of requests that came at once. */
export interface Outcome {
  done: number
  /** Refused, by code. */
  refused: Record<string, number>
  /** The longest that one of them took, in milliseconds. */
  longestMs: number
}

/** Sends all requests at once and counts how they ended. Throws what is no refusal. */
export async function atOnce(
  count: number,
  request: (n: number) => Promise<unknown>,
): Promise<Outcome> {
  const outcome: Outcome = { done: 0, refused: {}, longestMs: 0 }
  const began = performance.now()
  await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      try {
        await request(n)
        outcome.done += 1
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        outcome.refused[error.code] = (outcome.refused[error.code] ?? 0) + 1
      }
      outcome.longestMs = Math.max(outcome.longestMs, performance.now() - began)
    }),
  )
  return outcome
}
