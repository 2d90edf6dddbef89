import type { Caller } from '../../src/commands/handle.ts'
import { composeStores, type Stores } from '../../src/compose/compose-stores.ts'
import { freshDatabase, type TestDatabase } from './database.ts'

/** A caller of that name, as an agent. */
export const caller = (userId: string): Caller => ({ userId, metadata: { actor: 'agent' } })

/** Everything commands need, on a database of their own; the clock can be set. */
export async function commandWorld(given?: TestDatabase) {
  const db = given ?? (await freshDatabase())
  const { database, url } = db
  const clock = { now: new Date('2026-05-01T12:00:00.000Z') }
  const deps: Stores = { ...composeStores(database), now: () => clock.now }
  return {
    database,
    url,
    deps,
    clock,
    reader: deps.reader,
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}
