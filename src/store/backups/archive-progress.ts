import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { Refusal } from '../../errors.ts'
import { type BackupFolder, listBackups } from './backup-folder.ts'
import { type Lsn, parseLsn, parseSegmentName } from './lsn.ts'
import { packed } from './wal-archive.ts'

/** How far the archive is behind the server. */
export interface ArchiveProgress {
  /** Seconds of work that would be lost with the server's disk at this moment. */
  exposedSeconds: number
  /** Bytes of the log that are not archived. */
  exposedBytes: number
}

/** What a loss of the server would take with it now. Throws Refusal BACKUP_REFUSED when it archives nothing. */
export async function archiveProgress(
  owner: pg.Pool,
  folder: BackupFolder,
): Promise<ArchiveProgress> {
  const { rows } = await owner.query<{ mode: string; lsn: string }>(
    `select current_setting('archive_mode') as mode, pg_current_wal_insert_lsn()::text as lsn`,
  )
  const [row] = rows
  if (!row || row.mode === 'off') {
    throw new Refusal('BACKUP_REFUSED', {
      problem: 'it does not archive its log (archive_mode = off)',
    })
  }
  const { endLsn, at } = newestArchived(folder)
  const behind = Number((parseLsn(row.lsn) ?? 0n) - endLsn)
  if (behind <= 0) return { exposedSeconds: 0, exposedBytes: 0 }
  return { exposedSeconds: Math.max(0, Date.now() - at) / 1000, exposedBytes: behind }
}

/** Up to where backups and archive reach, and since when. */
export function newestArchived(folder: BackupFolder): { endLsn: Lsn; at: number } {
  const backup = listBackups(folder).at(-1)
  let newest = {
    endLsn: backup?.stop_lsn ?? 0n,
    at: Date.parse(backup?.stopped_at ?? '1970-01-01'),
  }
  const bytes = backup?.segment_bytes ?? 0
  for (const name of bytes ? readdirSync(folder.wal) : []) {
    const found = parseSegmentName(name.replace(/\.zst$/, ''), bytes)
    const endLsn = ((found?.segment ?? -1n) + 1n) * BigInt(bytes)
    if (endLsn > newest.endLsn) newest = { endLsn, at: statSync(join(folder.wal, name)).mtimeMs }
  }
  return newest
}

/**
 * Names a position of the log that comes after everything that is committed, and has the server archive up
 * to it. Throws Refusal WAL_MISSING when it is not in the folder in time.
 */
export async function archiveUntilNow(
  owner: pg.Pool,
  folder: BackupFolder,
  { waitMs, signal }: { waitMs: number; signal?: AbortSignal | undefined },
): Promise<Lsn> {
  try {
    const { rows } = await owner.query<{ lsn: string; name: string }>(
      `select lsn::text, pg_walfile_name(lsn) as name from pg_current_wal_insert_lsn() as lsn`,
    )
    const [now] = rows
    const lsn = parseLsn(now?.lsn ?? '')
    if (!now || lsn === undefined) throw new Error('the server did not say where its log is')
    // A record of our own beyond the position: a replay stops at the first one there.
    await owner.query(`select pg_logical_emit_message(true, 'nova', 'drill')`)
    await owner.query('select pg_switch_wal()')
    const deadline = Date.now() + waitMs
    const file = join(folder.wal, now.name)
    while (!existsSync(file) && !existsSync(file + packed)) {
      signal?.throwIfAborted()
      if (Date.now() > deadline)
        throw new Refusal('WAL_MISSING', { name: now.name, path: folder.wal })
      await delay(50)
    }
    return lsn
  } catch (error) {
    if (error instanceof pg.DatabaseError) {
      throw new Refusal('BACKUP_REFUSED', { problem: error.message }, { cause: error })
    }
    throw error
  }
}
