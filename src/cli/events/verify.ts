import { trustedKeys } from '../../compose/compose-heads-keys.ts'
import type { Config } from '../../config.ts'
import { type CliCall, UsageError } from '../command.ts'
import { openStore, type Store } from '../setup/open-store.ts'
import { table } from '../terminal/table.ts'
import { oneLine } from '../terminal/terminal.ts'
import { linesOf } from './line-files.ts'

/** Recomputes the hashes; exit code 1 when a stream is not as it was written. */
export async function verify(call: CliCall): Promise<number> {
  const [userId, streamId] = [call.option('user'), call.option('stream')]
  if (streamId !== undefined && userId === undefined) {
    throw new UsageError('--stream needs --user: a stream belongs to one.')
  }
  const against = call.option('against')
  if (against !== undefined && userId !== undefined) {
    throw new UsageError('--against compares all streams: leave --user out.')
  }
  const [{ verifyEvents }, { sayMonths }] = await Promise.all([
    import('../../store/archives/verify-events.ts'),
    import('../../store/archives/event-archives.ts'),
  ])
  const settings = call.settings()
  await using store = await openStore(settings)
  const { terminal } = call
  terminal.status('Recomputing hashes …')
  const begun = performance.now()
  const result = await verifyEvents(store.database.owner, {
    ...(userId !== undefined && { userId }),
    ...(streamId !== undefined && { streamId }),
  })
  const { problems, archives, gone } = result
  const archived = archives.reduce((sum, { events }) => sum + events, 0)
  printProblems(call, problems)
  const counts = [
    `${result.events} events`,
    ...(result.erased ? [`${result.erased} of them erased`] : []),
    ...(archived ? [`${archived} more in archives of ${sayMonths(archives)}`] : []),
  ].join(', ')
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  if (gone > 0) terminal.print(`${gone} events that projections have folded are gone.`)
  const isWhole = problems.length === 0 && gone === 0
  const verdict = isWhole ? 'Every chain is whole' : `${problems.length + Math.sign(gone)} problems`
  terminal.print(`${verdict}: ${counts}, ${seconds} s`)
  const isAsSigned =
    against === undefined || (await compare(call, store, { settings, path: against }))
  return isWhole && isAsSigned ? 0 : 1
}

interface StreamProblem {
  problem: string
  user_id: string
  stream_id: string
  stream_version: number
}

function printProblems({ terminal }: CliCall, problems: readonly StreamProblem[]): void {
  if (problems.length === 0) return
  const rows = problems.map((row) => [
    row.problem,
    oneLine(row.user_id, 60),
    oneLine(row.stream_id, 100),
    String(row.stream_version),
  ])
  for (const line of table(['problem', 'user', 'stream', 'version'], rows)) terminal.print(line)
}

/** Whether every stream is as its signed head says. Throws HEADS_INVALID. */
async function compare(
  call: CliCall,
  store: Store,
  { settings, path }: { settings: Config; path: string },
): Promise<boolean> {
  const { compareHeads } = await import('../../store/archives/compare-heads.ts')
  const trusted = trustedKeys(settings, call.option('key'))
  const compared = await compareHeads(store.database.owner, { path, lines: linesOf(path), trusted })
  const { taken, problems, streams, grown, archived } = compared
  printProblems(call, problems)
  const counts = [
    `${streams} streams`,
    `${grown} of them have grown`,
    ...(archived ? [`${archived} end in archives and are compared once attached`] : []),
  ].join(', ')
  const verdict = problems.length === 0 ? 'As signed' : `${problems.length} not as signed`
  call.terminal.print(`${verdict} on ${taken.taken_at}: ${counts}`)
  if (compared.isOtherServer) {
    call.terminal.complain(
      'The heads were taken on another server: of a copy, or of another database.',
    )
  }
  return problems.length === 0
}
