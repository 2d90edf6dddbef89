import { openDatabase } from '../../src/store/database/database.ts'
import { freshDatabase, settingsFor, type TestDatabase } from './database.ts'
import { type FaultyWire, faultyWire } from './faulty-wire.ts'

/** A migrated database behind a wire; `direct` leads around it. */
export interface WiredDatabase extends TestDatabase {
  wire: FaultyWire
  direct: TestDatabase['database']
}

/** The server under test connects through the wire, the test's own looks do not. */
export async function wiredDatabase(connections = 12): Promise<WiredDatabase> {
  const closing = new AsyncDisposableStack()
  const db = closing.use(await freshDatabase())
  const wire = closing.use(await faultyWire(db.url))
  const database = await openDatabase({ ...settingsFor(wire.url), NOVA_DB_POOL: connections })
  closing.defer(() => database.close())
  return {
    database,
    url: wire.url,
    wire,
    direct: db.database,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

/** How every append begins on the wire, whatever it appends. */
const append = /nova_append|nova\.erase_article/

/** From the answer of the next append on, no request reaches the server. */
export function severAfterNextAppend(wire: FaultyWire): { wasSevered: () => boolean } {
  let severed = false
  wire.decide = (request) => {
    if (severed) return 'unsent'
    severed = append.test(request) && !request.includes('call_open')
    return 'pass'
  }
  return { wasSevered: () => severed }
}
