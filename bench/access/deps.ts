import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { createContents } from '../../src/store/contents/contents.ts'
import { createTenantReader } from '../../src/store/database/tenant.ts'
import { PostgresEventStore } from '../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/events/stream-signal.ts'
import { createApiTokens } from '../../src/store/people/api-tokens.ts'
import { createAdmission } from '../../src/store/usage/admission.ts'

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
