import type { CliCall } from '../command.ts'
import { openStore } from '../setup/open-store.ts'
import { linesOf } from './line-files.ts'

/** Takes an export into a database without events and folds every projection. Runs as its owner. */
export async function importFrom(call: CliCall): Promise<number> {
  const path = call.positionals[1] ?? '-'
  const [{ importEvents }, { projections }] = await Promise.all([
    import('../../store/archives/import-events.ts'),
    import('../../projections/registry.ts'),
  ])
  const { terminal } = call
  await using store = await openStore(call.settings())
  let read = 0
  const counted = async function* () {
    for await (const line of linesOf(path)) {
      call.stopping.throwIfAborted()
      read += 1
      if (read % 1000 === 0) terminal.status(`${read} lines …`)
      yield line
    }
  }
  const { events, contents } = await importEvents(store.database.owner, counted())
  for (const { name } of projections) {
    terminal.status(`Folding ${name} …`)
    await store.project(name)
  }
  terminal.print(`${events} events and ${contents} bodies imported and verified.`)
  return 0
}
