import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { type Backup, type BackupFolder, listBackups } from './backup-folder.ts'
import { parseSegmentName, segmentOf } from './lsn.ts'
import { packed } from './wal-archive.ts'

const dayMs = 24 * 60 * 60 * 1000
/** A server that crashed archives its last files once more, and compares; by then it has. */
const packAfterMs = 10 * 60 * 1000

/**
 * Removes the backups, and the log before them, that no moment of the last `days` days needs. The newest
 * backup always stays, and the one from which the oldest of those moments is restored.
 */
export function pruneBackups(
  folder: BackupFolder,
  { days, now }: { days: number; now: Date },
): { removed: Backup[]; walRemoved: number } {
  const backups = listBackups(folder)
  const oldest = new Date(now.getTime() - days * dayMs).toISOString()
  const lastBefore = backups.findLastIndex(({ stopped_at }) => stopped_at <= oldest)
  const removed = backups.slice(0, Math.max(0, lastBefore))
  for (const { path } of removed) {
    // Without its name it is no backup any more, even when this is ended in between.
    renameSync(path, `${path}.draft`)
    rmSync(`${path}.draft`, { recursive: true, force: true })
  }
  const [first] = backups.slice(removed.length)
  return { removed, walRemoved: first ? removeWalBefore(folder, first) : 0 }
}

function removeWalBefore(folder: BackupFolder, backup: Backup): number {
  const needed = segmentOf(backup.start_lsn, backup.segment_bytes)
  let removed = 0
  for (const name of readdirSync(folder.wal)) {
    // `.backup` and `.partial` files go with their segment.
    const found = parseSegmentName(name.slice(0, 24), backup.segment_bytes)
    if (!found || found.segment >= needed) continue
    rmSync(join(folder.wal, name), { force: true })
    removed += 1
  }
  return removed
}

/** Compresses files of the log that have lain for a while: of a quiet server they are mostly empty. */
export function packWal(folder: BackupFolder, now: Date): { packed: number; saved: number } {
  const done = { packed: 0, saved: 0 }
  for (const name of readdirSync(folder.wal)) {
    const file = join(folder.wal, name)
    if (!/^[0-9A-F]{24}$/.test(name)) continue
    const { atime, mtime, size } = statSync(file)
    if (now.getTime() - mtime.getTime() < packAfterMs) continue
    const draft = `${file}.draft`
    try {
      writeFileSync(draft, zstdCompressSync(readFileSync(file)), { mode: 0o600, flush: true })
      // When it was archived says how far the archive is behind.
      utimesSync(draft, atime, mtime)
      renameSync(draft, file + packed)
    } finally {
      rmSync(draft, { force: true })
    }
    rmSync(file)
    done.packed += 1
    done.saved += size - statSync(file + packed).size
  }
  return done
}
