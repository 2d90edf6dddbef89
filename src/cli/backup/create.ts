import { type CliCall, Stopped } from '../command.ts'
import { backupPath } from './backup-path.ts'

/** Takes a backup of the running server, and removes what is older than what is kept. */
export async function create(call: CliCall): Promise<number> {
  const [{ openDatabase }, { takeBackup }, { packWal, pruneBackups }] = await Promise.all([
    import('../../store/database/database.ts'),
    import('../../store/backups/take-backup.ts'),
    import('../../store/backups/prune-backups.ts'),
  ])
  const { terminal, stopping } = call
  const settings = call.settings()
  const path = backupPath(call, settings)
  const database = await openDatabase(settings, { unhurried: true })
  try {
    const began = performance.now()
    const { folder, backup, archives } = await takeBackup(database, path, {
      signal: stopping,
      onBytes: (done, total) =>
        terminal.status(`Copying … ${megabytes(done)} of about ${megabytes(total)} MB`),
    })
    const seconds = (performance.now() - began) / 1000
    const rate = backup.data_bytes / 2 ** 20 / seconds
    terminal.print(
      `Backup ${backup.id}: ${megabytes(backup.data_bytes)} MB in ${megabytes(backup.stored_bytes)} MB, ` +
        `read back and whole, ${seconds.toFixed(1)} s (${rate.toFixed(0)} MB/s)`,
    )
    const now = new Date()
    const { removed, walRemoved } = pruneBackups(folder, { days: settings.NOVA_BACKUP_DAYS, now })
    const packed = packWal(folder, now)
    if (removed.length > 0) {
      terminal.print(`Removed: ${removed.length} older backups and ${walRemoved} files of the log`)
    }
    if (packed.packed > 0) {
      terminal.print(
        `Packed: ${packed.packed} files of the log, ${megabytes(packed.saved)} MB saved`,
      )
    }
    if (!archives) {
      terminal.complain(
        'The server does not archive its log: what comes after this backup is in none.',
      )
      terminal.complain(
        '  See docs/operations.md; an embedded database archives after its next start.',
      )
    }
    return 0
  } catch (error) {
    if (stopping.aborted) throw new Stopped('Nothing was left behind.')
    throw error
  } finally {
    await database.close()
  }
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
