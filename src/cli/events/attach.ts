import type { CliCall } from '../command.ts'
import { openStore } from '../setup/open-store.ts'
import { linesOf } from './line-files.ts'

/** Brings an archived month back and verifies the streams that it belongs to. */
export async function attachFrom(call: CliCall): Promise<number> {
  const path = call.positionals[1] ?? ''
  const { bringBackMonth } = await import('../../store/archives/bring-back-month.ts')
  await using store = await openStore(call.settings())
  const { month, events } = await bringBackMonth(store.database.owner, path, linesOf(path))
  call.terminal.print(`${month}: ${events} events are back and verified.`)
  return 0
}
