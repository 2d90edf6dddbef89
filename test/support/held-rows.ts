import type { Database } from '../../src/store/database/database.ts'
import { until } from './until.ts'

/** A gate for statements that meet: what would race waits here, whatever the machine's speed. */
export interface HeldRows {
  /** Resolves once so many statements wait for a lock in this database. */
  waiting(count: number): Promise<void>
  open(): Promise<void>
}

/** Takes the locks of one locking statement, until opened. */
export async function heldRows({ owner }: Database, locking: string): Promise<HeldRows> {
  const holder = await owner.connect()
  await holder.query('begin')
  await holder.query(locking)
  const waiters = async () =>
    // Elsewhere: a transaction sees others as they were when it first looked.
    (
      await owner.query(
        `select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      )
    ).rowCount
  return {
    waiting: (count) =>
      until(async () => (await waiters()) === count, `${count} statements at the gate`),
    async open() {
      await holder.query('commit')
      holder.release()
    },
  }
}
