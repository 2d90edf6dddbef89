import { randomUUID } from 'node:crypto'
import type { Caller, CommandDeps } from '../../src/commands/handle.ts'
import { createContents } from '../../src/store/contents/contents.ts'
import { createTenantReader } from '../../src/store/database/tenant.ts'
import { createErasure, type Erasure } from '../../src/store/events/erasure.ts'
import { PostgresEventStore } from '../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/events/stream-signal.ts'
import { type Admission, createAdmission } from '../../src/store/usage/admission.ts'
import { freshDatabase, type TestDatabase } from './database.ts'

/** A caller of that name, as an agent. */
export const caller = (userId: string): Caller => ({ userId, metadata: { actor: 'agent' } })

/** Everything commands need, on a database of their own; the clock can be set. */
export async function commandWorld(given?: TestDatabase) {
  const db = given ?? (await freshDatabase())
  const { database, url } = db
  const signal = new StreamSignal()
  const clock = { now: new Date('2026-05-01T12:00:00.000Z') }
  const deps: CommandDeps & { admission: Admission; erasure: Erasure } = {
    store: new PostgresEventStore(database, signal),
    contents: createContents(database.app),
    erasure: createErasure(database.app, signal),
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
