import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { createAdmission } from '../../src/store/postgres-admission.ts'
import { createApiTokens } from '../../src/store/postgres-api-tokens.ts'
import { createContents } from '../../src/store/postgres-contents.ts'
import { PostgresEventStore } from '../../src/store/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/stream-signal.ts'
import { createTenantReader } from '../../src/store/tenant.ts'

/** What commands need, over these pools. */
export function depsOn(pools: { app: pg.Pool; projector: pg.Pool }) {
  const signal = new StreamSignal()
  return {
    store: new PostgresEventStore(pools, signal),
    contents: createContents(pools.app),
    admission: createAdmission(pools.app, signal),
    apiTokens: createApiTokens(pools.app),
    reader: createTenantReader(pools.app),
    now: () => new Date(),
    newId: randomUUID,
  }
}

export type Deps = ReturnType<typeof depsOn>
