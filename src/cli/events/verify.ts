import { type CliCall, UsageError } from '../command.ts'
import { openStore } from '../open-store.ts'
import { table } from '../table.ts'
import { oneLine } from '../terminal.ts'

/** Recomputes the hashes; exit code 1 when a stream is not as it was written. */
export async function verify(call: CliCall): Promise<number> {
  const [userId, streamId] = [call.option('user'), call.option('stream')]
  if (streamId !== undefined && userId === undefined) {
    throw new UsageError('--stream needs --user: a stream belongs to one.')
  }
  const [{ verifyEvents }, { sayMonths }] = await Promise.all([
    import('../../store/keeping/verify-events.ts'),
    import('../../store/keeping/event-archives.ts'),
  ])
  const store = await openStore(call.settings())
  try {
    const { terminal } = call
    terminal.status('Recomputing hashes …')
    const begun = performance.now()
    const result = await verifyEvents(store.database.owner, {
      ...(userId !== undefined && { userId }),
      ...(streamId !== undefined && { streamId }),
    })
    const { problems, archives, gone } = result
    const archived = archives.reduce((sum, { events }) => sum + events, 0)
    const rows = problems.map((row) => [
      row.problem,
      oneLine(row.user_id, 60),
      oneLine(row.stream_id, 100),
      String(row.stream_version),
    ])
    if (rows.length > 0) {
      for (const line of table(['problem', 'user', 'stream', 'version'], rows)) terminal.print(line)
    }
    const counts = [
      `${result.events} events`,
      ...(result.erased ? [`${result.erased} of them erased`] : []),
      ...(archived ? [`${archived} more in archives of ${sayMonths(archives)}`] : []),
    ].join(', ')
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    if (gone > 0) terminal.print(`${gone} events that projections have folded are gone.`)
    const isWhole = problems.length === 0 && gone === 0
    const verdict = isWhole
      ? 'Every chain is whole'
      : `${problems.length + Math.sign(gone)} problems`
    terminal.print(`${verdict}: ${counts}, ${seconds} s`)
    return isWhole ? 0 : 1
  } finally {
    await store.close()
  }
}
