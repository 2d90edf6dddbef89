import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../log.ts'
import { type BackupFolder, listBackups, makeBackupFolder } from '../store/backups/backup-folder.ts'
import { packWal, pruneBackups } from '../store/backups/prune-backups.ts'
import { takeBackup } from '../store/backups/take-backup.ts'
import type { Database } from '../store/database/database.ts'
import { withFileLock } from '../store/embedded/embedded-lock.ts'

export interface KeepBackupsDeps {
  database: Pick<Database, 'kind' | 'connection'>
  path: string
  /** A backup is made when the newest is older. */
  hours: number
  /** How far back any moment can be restored. */
  days: number
  log: Log
}

const hourMs = 60 * 60 * 1000
const everyMs = 10 * 60 * 1000

/**
 * Makes the backup that is due, removes those that are not needed, and packs the log. Several processes may
 * look after one folder: one of them works, and the others leave it to that one.
 */
export async function keepBackups(
  deps: KeepBackupsDeps,
  options: { now: Date; signal?: AbortSignal },
): Promise<{ made: string | null }> {
  const folder = makeBackupFolder(deps.path)
  const elsewhere = new Error('another process looks after the backups')
  try {
    const lock = join(folder.path, 'keeping.lock')
    return await withFileLock(
      lock,
      Date.now(),
      () => keep(folder, deps, options),
      () => elsewhere,
    )
  } catch (error) {
    if (error === elsewhere) return { made: null }
    throw error
  }
}

async function keep(
  folder: BackupFolder,
  { database, hours, days }: KeepBackupsDeps,
  { now, signal }: { now: Date; signal?: AbortSignal },
): Promise<{ made: string | null }> {
  const newest = listBackups(folder).at(-1)
  const age = newest ? now.getTime() - Date.parse(newest.started_at) : Number.POSITIVE_INFINITY
  const isDue = age >= hours * hourMs
  const made = isDue ? await takeBackup(database, folder.path, signal ? { signal } : {}) : null
  if (made) pruneBackups(folder, { days, now })
  packWal(folder, now)
  return { made: made?.backup.id ?? null }
}

/** Looks every ten minutes until `closing`, and at once. What cannot be done is logged and tried again. */
export function startKeepingBackups(deps: KeepBackupsDeps, closing: AsyncDisposableStack): void {
  const stopping = new AbortController()
  const { signal } = stopping
  const look = async () => {
    try {
      const { made } = await keepBackups(deps, { now: new Date(), signal })
      if (made) deps.log.debug({ backup: made }, 'backup made')
    } catch (error) {
      if (!signal.aborted) deps.log.error({ err: error }, 'no backup was made; it is tried again')
    }
  }
  const working = (async () => {
    while (!signal.aborted) {
      await look()
      await delay(everyMs, undefined, { signal, ref: false }).catch(() => {})
    }
  })()
  closing.defer(async () => {
    stopping.abort(new Error('the server stops'))
    await working
  })
}
