import type { CliCall } from '../command.ts'
import { table } from '../terminal/table.ts'
import { backupPath } from './backup-path.ts'

/** Shows the backups of a folder, and how far the log leads on from each. */
export async function list(call: CliCall): Promise<number> {
  const [{ listBackups, openBackupFolder }, { walAfter }, { formatLsn }, { Refusal }] =
    await Promise.all([
      import('../../store/backups/backup-folder.ts'),
      import('../../store/backups/wal-archive.ts'),
      import('../../store/backups/lsn.ts'),
      import('../../errors.ts'),
    ])
  const folder = openBackupFolder(backupPath(call, call.settings()))
  const backups = listBackups(folder)
  let holes = 0
  const rows = backups.map((backup) => {
    let leads: string
    try {
      const wal = walAfter(folder, backup)
      leads = wal.segments.length > 0 ? formatLsn(wal.endLsn) : 'no further'
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      holes += 1
      leads = error.message
    }
    const size = `${(backup.stored_bytes / 2 ** 20).toFixed(0)} MB`
    return [backup.id, backup.stopped_at, formatLsn(backup.stop_lsn), size, leads]
  })
  for (const line of table(['backup', 'complete at', 'position', 'size', 'log leads to'], rows)) {
    call.terminal.print(line)
  }
  if (backups.length === 0) call.terminal.complain('There is no backup yet: run `nova backup`.')
  return holes > 0 || backups.length === 0 ? 1 : 0
}
