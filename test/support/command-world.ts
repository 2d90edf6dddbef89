import { randomUUID } from 'node:crypto'
import type { Caller, CommandDeps } from '../../src/commands/handle.ts'
import { createAdmission } from '../../src/store/postgres-admission.ts'
import { createContents } from '../../src/store/postgres-contents.ts'
import { PostgresEventStore } from '../../src/store/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/stream-signal.ts'
import { createTenantReader } from '../../src/store/tenant.ts'
import { freshDatabase } from './database.ts'

/** A caller of that name, as an agent. */
export const caller = (userId: string): Caller => ({ userId, metadata: { actor: 'agent' } })

/** Everything commands need, on a database of their own; the clock can be set. */
export async function commandWorld() {
  const db = await freshDatabase()
  const { database, url } = db
  const signal = new StreamSignal()
  const clock = { now: new Date('2026-05-01T12:00:00.000Z') }
  const deps: CommandDeps & { admission: ReturnType<typeof createAdmission> } = {
    store: new PostgresEventStore(database, signal),
    contents: createContents(database.app),
    admission: createAdmission(database.app, signal),
    now: () => clock.now,
    newId: randomUUID,
  }
  return {
    database,
    url,
    deps,
    clock,
    reader: createTenantReader(database.app),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}
