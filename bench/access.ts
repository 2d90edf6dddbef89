import { admission } from './access/admission.ts'
import { rowSecurity } from './access/row-security.ts'
import { tokens } from './access/tokens.ts'
import { startBenchServer } from './store/server.ts'

const parts = { tokens, admission, 'row-security': rowSecurity }

/** What letting somebody in costs: tokens, admission beside an append, and row-level security. */
export async function* access(part?: string): AsyncGenerator<object> {
  await using server = await startBenchServer()
  for (const [name, run] of Object.entries(parts)) {
    if (part === undefined || part === name) yield* run(server)
  }
}
