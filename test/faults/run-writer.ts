import { LinkUsed } from '../../src/events/links/link-events.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { PostgresEventStore } from '../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/events/stream-signal.ts'
import { appendTo } from '../support/append-to.ts'
import { settingsFor } from '../support/database.ts'
import { linkCommand } from './link-command.ts'

// Appends command after command, from a number on, and says what it was told about each.
const [, , url = '', writer = '', from = '0', count = '1000000'] = process.argv
const database = await openDatabase(settingsFor(url))
const store = new PostgresEventStore(database, new StreamSignal())
for (let n = Number(from); n < Number(from) + Number(count); n++) {
  const { stream, events, options, mark } = linkCommand(writer, n)
  const { version, position } = await appendTo(store, stream, events.map(LinkUsed), options)
  process.stdout.write(`${JSON.stringify({ n, mark, version, position })}\n`)
}
await database.close()
