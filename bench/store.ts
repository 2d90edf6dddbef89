import { admission } from './store/admission.ts'
import { appends, reads } from './store/appends.ts'
import { catchUp } from './store/catch-up.ts'
import { lag } from './store/lag.ts'
import type { Line } from './store/measure.ts'
import { months } from './store/months.ts'
import { installPeers } from './store/peers/install.ts'
import { rebuild } from './store/rebuild.ts'
import { type BenchServer, startBenchServer } from './store/server.ts'
import { transfer } from './store/transfer.ts'

const parts: Record<string, (server: BenchServer) => AsyncGenerator<Line>> = {
  appends,
  reads,
  months,
  lag,
  admission,
  'catch-up': catchUp,
  rebuild,
  transfer,
}

/** The event store beside the limit and its peers, on one server; all parts or the one that is named. */
export async function* store(part?: string): AsyncGenerator<object> {
  if (part !== undefined && !Object.hasOwn(parts, part)) {
    throw new Error(`parts of this bench: ${Object.keys(parts).join(', ')}`)
  }
  installPeers()
  await using server = await startBenchServer()
  for (const [name, run] of Object.entries(parts)) {
    if (part === undefined || part === name) yield* run(server)
  }
}
