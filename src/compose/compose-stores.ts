import { randomUUID } from 'node:crypto'
import type { CommandDeps } from '../commands/handle.ts'
import { createContents } from '../store/contents/contents.ts'
import type { Database } from '../store/database/database.ts'
import { createTenantReader, type TenantReader } from '../store/database/tenant.ts'
import { AppendGroups } from '../store/events/append-groups.ts'
import { createErasure, type Erasure } from '../store/events/erasure.ts'
import { PostgresEventStore } from '../store/events/postgres-event-store.ts'
import { StreamSignal } from '../store/events/stream-signal.ts'
import { type ApiTokens, createApiTokens } from '../store/people/api-tokens.ts'
import { createIssuerKeyStore, type IssuerKeyStore } from '../store/people/issuer-key-store.ts'
import { type Admission, createAdmission } from '../store/usage/admission.ts'
import { type AnalyticsReader, createAnalyticsReader } from '../store/usage/analytics-reader.ts'
import { type CallEffects, createCallEffects } from '../store/usage/call-effects.ts'

/** What keeps something in the database, with the clock and the ids that commands need. */
export interface Stores extends CommandDeps {
  /** Wakes who waits for a stream in this process. */
  signal: StreamSignal
  erasure: Erasure
  admission: Admission
  effects: CallEffects
  reader: TenantReader
  analytics: AnalyticsReader
  apiTokens: ApiTokens
  issuerKeys: IssuerKeyStore
}

/**
 * The stores over one database. The server, the commands of the terminal, tests and benchmarks build them here.
 * `storageBytesMax` is what one user may keep; 0 = any number.
 */
export function composeStores(
  { app, projector }: Pick<Database, 'app' | 'projector'>,
  storageBytesMax = 0,
): Stores {
  const signal = new StreamSignal()
  const groups = new AppendGroups(app)
  return {
    signal,
    store: new PostgresEventStore({ app, projector }, signal, groups),
    contents: createContents(app, storageBytesMax),
    erasure: createErasure(app, signal),
    admission: createAdmission(app, signal, groups),
    effects: createCallEffects(app),
    reader: createTenantReader(app),
    analytics: createAnalyticsReader(projector),
    apiTokens: createApiTokens(app),
    issuerKeys: createIssuerKeyStore(app),
    now: () => new Date(),
    newId: randomUUID,
  }
}
