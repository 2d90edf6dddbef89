import { projections } from '../../src/projections/registry.ts'
import { poolsOver } from '../../src/store/database/database.ts'
import { rebuildProjection } from '../../src/store/projections/rebuild-projection.ts'
import { memoryOf } from './rebuild.ts'

// Rebuilds a projection and says how long it took and what it and its backend held at most.
const [, , url = '', name = ''] = process.argv
const projection = projections.find((known) => known.name === name)
if (!projection) throw new Error(`no projection ${name}`)
const endpoint = { connectionString: url }
const database = poolsOver({ kind: 'url', describe: name, endpoint, close: () => {} }, 8, {
  unhurried: true,
})
const { rows } = await database.projector.query<{ pid: number }>('select pg_backend_pid() as pid')
const backend = rows[0]?.pid ?? 0
let serverKb = 0
const began = performance.now()
await rebuildProjection(database, projection, () => {
  void memoryOf(backend, 'RssAnon').then((kb) => {
    serverKb = Math.max(serverKb, kb)
  })
})
const seconds = (performance.now() - began) / 1000
const peakMb = (await memoryOf('self', 'VmHWM')) / 1024
console.log(JSON.stringify({ seconds, peakMb, serverMb: serverKb / 1024 }))
await database.close()
