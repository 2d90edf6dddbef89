import { access } from './access.ts'
import { backups } from './backups.ts'
import { busy } from './busy.ts'
import { demo } from './demo.ts'
import { fidelity } from './fidelity.ts'
import { journeys } from './journeys.ts'
import { judging } from './judging.ts'
import { quality } from './quality.ts'
import { runs } from './runs.ts'
import { server } from './server.ts'
import { sources } from './sources.ts'
import { store } from './store.ts'

/*
 * `npm run bench -- NAME`: measurements of this machine, one JSON object a line. They are no tests: a
 * number here never fails a build. `backups` alone does when what it backed up is not restored.
 */

const benches: Record<string, (part?: string) => AsyncGenerator<object>> = {
  access,
  backups,
  busy,
  demo,
  fidelity,
  journeys,
  judging,
  quality,
  runs,
  server,
  sources,
  store,
}

const name = process.argv[2] ?? ''
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
if (bench) {
  for await (const line of bench(process.argv[3]))
    console.log(JSON.stringify({ bench: name, ...line }))
} else {
  console.error(`Usage: npm run bench -- ${Object.keys(benches).join('|')}`)
  process.exitCode = 2
}
