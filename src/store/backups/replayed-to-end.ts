import { join } from 'node:path'
import { Refusal } from '../../errors.ts'
import type { Backup, BackupFolder } from './backup-folder.ts'
import { type Lsn, segmentOf } from './lsn.ts'
import { readSegment, type WalPath } from './wal-archive.ts'

const pageBytes = 8192
/** What stands before the records of a page, and of a segment's first page. */
const [pageHeader, segmentHeader] = [24, 40]

/**
 * Without a target PostgreSQL takes a damaged record for the end of the log and serves what was before it.
 * Throws Refusal BACKUP_DAMAGED unless the replay came to the end of the last file, or to a record that
 * goes on in the next file, which was not archived yet.
 */
export function assertReplayed(restored: {
  folder: BackupFolder
  backup: Backup
  wal: WalPath
  replayedTo: Lsn
}): void {
  const { folder, backup, wal, replayedTo } = restored
  const last = wal.segments.at(-1)
  if (last === undefined || replayedTo >= wal.endLsn) return
  const bytes = backup.segment_bytes
  const stoppedIn = Number(segmentOf(replayedTo, bytes) - segmentOf(wal.endLsn - 1n, bytes))
  const name = wal.segments.at(stoppedIn - 1) ?? last
  const isLast = stoppedIn === 0
  const offset = Number(replayedTo % BigInt(bytes))
  if (isLast && goesOn(readSegment(folder, last, backup), offset)) return
  const problem = `its record at byte ${offset} cannot be read`
  throw new Refusal('BACKUP_DAMAGED', { path: join(folder.wal, name), problem })
}

/** Whether the record that begins here is longer than what is left of its segment. */
function goesOn(segment: Buffer, offset: number): boolean {
  const isPageStart = offset % pageBytes === 0
  const begins = offset + (isPageStart ? (offset === 0 ? segmentHeader : pageHeader) : 0)
  const rest = segment.length - begins
  const pagesAfter = Math.floor(rest / pageBytes)
  const room = rest - pagesAfter * pageHeader
  return rest >= 4 && segment.readUInt32LE(begins) > room
}
