import { headsKeys } from '../../compose/compose-heads-keys.ts'
import type { CliCall } from '../command.ts'
import { openStore } from '../setup/open-store.ts'
import { writeLines } from './line-files.ts'

/** Writes signed heads, in constant memory. What it says goes to stderr: stdout may be the file. */
export async function headTo(call: CliCall): Promise<number> {
  const path = call.positionals[1] ?? '-'
  const [{ takeHeads }, { publicKeyText, signedHeads }] = await Promise.all([
    import('../../store/archives/take-heads.ts'),
    import('../../store/archives/heads-file.ts'),
  ])
  const settings = call.settings()
  const [keys] = headsKeys(settings)
  if (!keys) throw new Error('there is no key')
  await using store = await openStore(settings)
  const { taken, heads } = await takeHeads(store.database.owner)
  let streams = 0
  const counted = async function* () {
    for await (const head of heads) {
      call.stopping.throwIfAborted()
      streams += 1
      yield head
    }
  }
  await writeLines(path, signedHeads(taken, counted(), keys))
  call.terminal.complain(`The heads of ${streams} streams at position ${taken.position}, signed.`)
  call.terminal.complain(`Public key: ${publicKeyText(keys.publicKey)}`)
  call.terminal.complain(
    'Keep file and key where people who can change the database cannot change them.',
  )
  return 0
}
