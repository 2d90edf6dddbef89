import type { CliCall } from '../command.ts'
import { openStore } from '../setup/open-store.ts'
import { writeLines } from './line-files.ts'

/** Writes all events, in constant memory. What it says goes to stderr: stdout may be the export. */
export async function exportTo(call: CliCall): Promise<number> {
  const path = call.positionals[1] ?? '-'
  const userId = call.option('user')
  const { exportEvents } = await import('../../store/archives/export-events.ts')
  await using store = await openStore(call.settings())
  let lines = 0
  const counted = async function* () {
    const options = { contents: call.flag('contents'), now: new Date() }
    const all = exportEvents(store.database, {
      ...options,
      ...(userId !== undefined && { userId }),
    })
    for await (const line of all) {
      call.stopping.throwIfAborted()
      lines += 1
      if (path !== '-' && lines % 1000 === 0) call.terminal.status(`${lines} lines …`)
      yield line
    }
  }
  await writeLines(path, counted())
  call.terminal.complain(`${lines - 2} events and bodies exported.`)
  return 0
}
