import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Log } from '../../log.ts'
import type { ConnectionSettings } from '../../store/database/database-pools.ts'
import { settledWithin } from '../../store/database/settled-within.ts'

/** How an advisory lock of a job is named; `findUnlockedJobs` looks for the same. */
export const jobLockClass = 'nova job'

const reconnectMs = 500
/** A lock is had at once; a connection that does not say so is gone. */
const answerMs = 5000

/**
 * Locks by which every process sees which jobs are worked on: PostgreSQL takes them away at once when their
 * connection ends, and that of a killed process ends with it. A heartbeat needs ten seconds to say as much.
 */
export class JobLocks {
  readonly #connection: ConnectionSettings
  readonly #log: Log
  readonly #held = new Set<string>()
  #client: Promise<pg.Client> | null = null
  #closed = false

  /** What ends the connection is in `closing` before it is opened. */
  constructor(connection: ConnectionSettings, log: Log, closing: AsyncDisposableStack) {
    this.#connection = connection
    this.#log = log
    closing.defer(async () => {
      this.#closed = true
      const client = await this.#client?.catch(() => null)
      // One that is silent never ends; closing the database cuts it.
      if (client) await settledWithin(client.end(), 1000)
    })
  }

  /** Works on a job under its lock. Throws what the work throws, or that the lock cannot be had. */
  async hold<Result>(jobId: string, work: () => Promise<Result>): Promise<Result> {
    this.#held.add(jobId)
    try {
      await this.#lock([jobId])
      return await work()
    } finally {
      this.#held.delete(jobId)
      // A lock that stays behind is one of a job that has ended: it says nothing.
      await this.#unlock(jobId).catch(() => {})
    }
  }

  async #lock(jobIds: readonly string[]): Promise<void> {
    const client = await this.#connected()
    try {
      await client.query(
        'select pg_advisory_lock_shared(hashtext($1), hashtext(id)) from unnest($2::text[]) id',
        [jobLockClass, jobIds],
      )
    } catch (error) {
      void client.end().catch(() => {})
      throw error
    }
  }

  async #unlock(jobId: string): Promise<void> {
    const client = await this.#client
    await client?.query('select pg_advisory_unlock_shared(hashtext($1), hashtext($2))', [
      jobLockClass,
      jobId,
    ])
  }

  #connected(): Promise<pg.Client> {
    this.#client ??= this.#connect()
    return this.#client
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.#connection,
      query_timeout: answerMs,
      // Jobs that begin at once ask for their locks at once.
      pipeline: true,
    })
    client.on('error', () => {})
    try {
      await client.connect()
    } catch (error) {
      this.#client = null
      throw error
    }
    client.once('end', () => {
      this.#client = null
      void this.#lockAgain()
    })
    return client
  }

  /** The work goes on when only its connection was lost, and so must its locks. */
  async #lockAgain(): Promise<void> {
    while (!this.#closed && this.#held.size > 0) {
      try {
        return await this.#lock([...this.#held])
      } catch (error) {
        this.#log.warn({ err: error }, 'locks of jobs are taken again')
        await delay(reconnectMs, undefined, { ref: false })
      }
    }
  }
}
