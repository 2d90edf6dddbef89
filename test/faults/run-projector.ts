import { once } from 'node:events'
import { projections } from '../../src/projections/registry.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { settingsFor } from '../support/database.ts'

// Drains a projection each time it is asked to by a line, and says how that went.
const [, , url = '', name = ''] = process.argv
const projection = projections.find((known) => known.name === name)
if (!projection) throw new Error(`no projection ${name}`)
const database = await openDatabase(settingsFor(url))
process.stdin.on('data', async () => {
  const outcome = await drainProjection(database.projector, projection, { batch: 7 }).catch(
    (error: Error) => ({ kind: 'failed', failure: error.message }),
  )
  process.stdout.write(`${JSON.stringify(outcome)}\n`)
})
await once(process.stdin, 'end')
await database.close()
