import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { AnswerLost, isRolledBack, isUnavailable } from './database-error.ts'

/**
 * Sends one statement. Throws AnswerLost when it may have been done; any other error says that it was not:
 * no connection was had, or the server rolled it back.
 */
export async function send<Row extends object>(
  pool: pg.Pool,
  query: pg.QueryConfig<unknown[]>,
): Promise<pg.QueryResult<Row>> {
  const client = await pool.connect()
  let lost: AnswerLost | undefined
  try {
    return await client.query<Row>(query)
  } catch (error) {
    if (isRolledBack(error)) throw error
    lost = new AnswerLost(error)
    throw lost
  } finally {
    client.release(lost)
  }
}

/** How long a caller waits until it is known what became of their change. */
const lookUpMs = 5000
const longestPauseMs = 500

/**
 * Finds out what became of a statement whose answer was lost. `look` must be safe to repeat, beside the
 * statement itself, which may still be running. Throws `lost` when the database cannot be asked in time.
 */
export async function resolveLostAnswer<Result>(
  lost: AnswerLost,
  look: () => Promise<Result>,
): Promise<Result> {
  const timeUp = new AbortController()
  const tooLate = delay(lookUpMs, undefined, { signal: timeUp.signal, ref: false }).then(() => {
    throw lost
  })
  const asking = async (): Promise<Result> => {
    for (let pause = 10; ; pause = Math.min(2 * pause, longestPauseMs)) {
      try {
        return await look()
      } catch (error) {
        if (!(error instanceof AnswerLost) && !isUnavailable(error)) throw error
        if (timeUp.signal.aborted) throw lost
      }
      await delay(pause)
    }
  }
  try {
    return await Promise.race([asking(), tooLate])
  } finally {
    timeUp.abort()
  }
}
