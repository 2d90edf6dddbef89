import type { CliCall } from '../command.ts'
import { openStore } from '../open-store.ts'
import { linesOf } from './line-files.ts'

/** Brings an archived month back and verifies the streams that it belongs to. */
export async function attachFrom(call: CliCall): Promise<number> {
  const path = call.positionals[1] ?? ''
  const { bringBackUsage } = await import('../../store/archive-events.ts')
  const store = await openStore(call.settings())
  try {
    const { month, events } = await bringBackUsage(store.database.owner, path, linesOf(path))
    call.terminal.print(`${month}: ${events} usage events are back and verified.`)
    return 0
  } finally {
    await store.close()
  }
}
