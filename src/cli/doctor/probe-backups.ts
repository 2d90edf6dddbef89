import type { Config } from '../../config.ts'
import { Refusal } from '../../errors.ts'
import type { Database } from '../../store/database/database.ts'
import type { Finding } from './gains.ts'

/** A backup that is older than this was forgotten. */
const oldHours = 26

/** How old the newest backup is, and whether the log after it is archived; reads file names only. */
export async function probeBackups(
  { NOVA_BACKUP_DIR: path }: Config,
  database: Pick<Database, 'owner' | 'kind'>,
): Promise<Finding[]> {
  if (path === undefined) {
    if (database.kind !== 'embedded') return []
    const detail = 'none; NOVA_BACKUP_DIR on another disk keeps any moment of the last days'
    return [{ state: 'missing', name: 'backups', detail }]
  }
  const [{ listBackups, openBackupFolder }, { walAfter }, { archiveProgress }] = await Promise.all([
    import('../../store/backups/backup-folder.ts'),
    import('../../store/backups/wal-archive.ts'),
    import('../../store/backups/archive-progress.ts'),
  ])
  try {
    const folder = openBackupFolder(path)
    const newest = listBackups(folder).at(-1)
    if (!newest) {
      const detail = 'none yet; the server makes one at its start, or run `nova backup`'
      return [{ state: 'note', name: 'backups', detail }]
    }
    const hours = (Date.now() - Date.parse(newest.stopped_at)) / 3_600_000
    const age = `${newest.id}, ${hours.toFixed(1)} hours old`
    walAfter(folder, newest)
    const { exposedSeconds } = await archiveProgress(database.owner, folder)
    const detail = `${age}; the log is archived up to ${Math.round(exposedSeconds)} s ago`
    return [{ state: hours > oldHours ? 'note' : 'ok', name: 'backups', detail }]
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    // Without an archive each backup can still be restored by itself.
    const state = error.code === 'BACKUP_REFUSED' ? 'note' : 'broken'
    return [{ state, name: 'backups', detail: `${error.message} ${error.hint}` }]
  }
}
