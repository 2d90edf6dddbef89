import { linesOf, writeLines } from '../../src/cli/events/line-files.ts'
import { exportEvents } from '../../src/store/archives/export-events.ts'
import { importEvents } from '../../src/store/archives/import-events.ts'
import { poolsOver } from '../../src/store/database/database.ts'
import { memoryOf } from './rebuild.ts'

// Exports a database to a file or imports one, and says how long it took and what it held at most.
const [, , way = '', url = '', path = ''] = process.argv
const endpoint = { connectionString: url }
const database = poolsOver({ kind: 'url', describe: way, endpoint, close: () => {} }, 8, {
  unhurried: true,
})
const began = performance.now()
if (way === 'export') {
  await writeLines(path, exportEvents(database, { contents: false, now: new Date() }))
} else {
  await importEvents(database.owner, linesOf(path))
}
const seconds = (performance.now() - began) / 1000
const peakMb = (await memoryOf('self', 'VmHWM')) / 1024
console.log(JSON.stringify({ seconds, peakMb }))
await database.close()
