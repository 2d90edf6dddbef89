import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { Refusal } from '../../errors.ts'
import type { Backup, BackupFolder } from './backup-folder.ts'
import { type Lsn, parseLsn, parseSegmentName, segmentName, segmentOf } from './lsn.ts'

/** The way through the archive from a backup to the archive's end. */
export interface WalPath {
  /** The newest timeline that grew out of the backup: what was restored and went on has a new one. */
  timeline: number
  /** Names of the files after the backup, in order, without a gap. */
  segments: string[]
  /** Names of the files that say where timelines part. */
  histories: string[]
  /** Where the last of them ends. */
  endLsn: Lsn
}

/** A file of the archive that was packed since the server put it there. */
export const packed = '.zst'

/**
 * Finds the files that lead from a backup to the end of the archive. Throws Refusal WAL_MISSING when one of
 * them is not there: PostgreSQL itself would stop before the hole without a word.
 */
export function walAfter(folder: BackupFolder, backup: Backup): WalPath {
  const names = new Set(readdirSync(folder.wal).map((name) => name.replace(/\.zst$/, '')))
  const bytes = backup.segment_bytes
  for (const name of names) {
    const { timeline = 0 } = parseSegmentName(name, bytes) ?? {}
    const history = historyOf(timeline)
    // Without it nobody knows where its timeline begins, and the one that was left would be followed.
    if (timeline > backup.timeline && !names.has(history)) throw missing(folder, history)
  }
  const { timeline, parents } = newestTimeline(folder, names, backup)
  const begins = [
    { timeline: parents[0]?.timeline ?? timeline, segment: 0n },
    ...parents.map(({ end }, index) => ({
      timeline: parents[index + 1]?.timeline ?? timeline,
      segment: segmentOf(end, bytes),
    })),
  ]
  const nameOf = (segment: bigint) => {
    const on = begins.findLast((begin) => begin.segment <= segment)
    return segmentName(on?.timeline ?? timeline, segment, bytes)
  }
  // The backup itself holds the log up to its own end, and the server begins a new file there.
  const first = segmentOf(backup.stop_lsn - 1n, bytes) + 1n
  let last = first - 1n
  for (const name of names) {
    const found = parseSegmentName(name, bytes)
    if (found && found.segment > last && nameOf(found.segment) === name) last = found.segment
  }
  const segments: string[] = []
  for (let segment = first; segment <= last; segment++) {
    const name = nameOf(segment)
    if (!names.has(name)) throw missing(folder, name)
    segments.push(name)
  }
  const histories = [...names].filter((name) => /^[0-9A-F]{8}\.history$/.test(name)).toSorted()
  return { timeline, segments, histories, endLsn: (last + 1n) * BigInt(bytes) }
}

const missing = (folder: BackupFolder, name: string) =>
  new Refusal('WAL_MISSING', { name, path: folder.wal })

const historyOf = (timeline: number): string =>
  `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`

interface Parent {
  timeline: number
  /** Where its child begins. */
  end: Lsn
}

/** The highest timeline among whose parents the backup's goes on beyond the backup, or is the backup's. */
function newestTimeline(
  folder: BackupFolder,
  names: ReadonlySet<string>,
  backup: Backup,
): { timeline: number; parents: Parent[] } {
  const children = [...names]
    .flatMap((name) => /^([0-9A-F]{8})\.history$/.exec(name)?.[1] ?? [])
    .map((hex) => Number.parseInt(hex, 16))
    .filter((timeline) => timeline > backup.timeline)
    .toSorted((a, b) => b - a)
  for (const timeline of children) {
    const parents = parentsIn(readArchived(folder, historyOf(timeline)).toString('utf8'))
    const own = parents.find((parent) => parent.timeline === backup.timeline)
    if (own && own.end >= backup.stop_lsn) return { timeline, parents }
  }
  return { timeline: backup.timeline, parents: [] }
}

/** Lines are `timeline <tab> position <tab> reason`. */
const parentsIn = (history: string): Parent[] =>
  history.split('\n').flatMap((line) => {
    const [timeline, position = ''] = line.split('\t')
    const end = parseLsn(position.trim())
    return timeline?.trim() && end !== undefined ? [{ timeline: Number(timeline), end }] : []
  })

/** The bytes of a file of the archive, packed or not. */
export function readArchived(folder: BackupFolder, name: string): Buffer {
  const file = join(folder.wal, name)
  const plain = statSync(file, { throwIfNoEntry: false })
  return plain ? readFileSync(file) : zstdDecompressSync(readFileSync(file + packed))
}

/**
 * The bytes of a segment, whose first page must say that it is this one of this server. Throws Refusal
 * BACKUP_DAMAGED.
 */
export function readSegment(folder: BackupFolder, name: string, backup: Backup): Buffer {
  const path = join(folder.wal, name)
  const damaged = (problem: string, cause?: unknown) =>
    new Refusal('BACKUP_DAMAGED', { path, problem }, { cause })
  let bytes: Buffer
  try {
    bytes = readArchived(folder, name)
  } catch (error) {
    throw error instanceof Error && 'syscall' in error
      ? error
      : damaged('it cannot be unpacked', error)
  }
  if (bytes.length !== backup.segment_bytes) {
    throw damaged(`it has ${bytes.length} bytes and not ${backup.segment_bytes}`)
  }
  const place = parseSegmentName(name, backup.segment_bytes)
  const begins = (place?.segment ?? -1n) * BigInt(backup.segment_bytes)
  if (bytes.readBigUInt64LE(pageAddressAt) !== begins) throw damaged('it is no file of the log')
  if (String(bytes.readBigUInt64LE(systemAt)) !== backup.system) {
    throw damaged('it is of another server')
  }
  return bytes
}

/** In the header of a segment's first page: the position where it begins, and the server's id. */
const pageAddressAt = 8
const systemAt = 24

/** The id of the server whose data folder this is, from its control file; undefined when it has none yet. */
export function systemOf(dataDir: string): string | undefined {
  const id = Buffer.alloc(8)
  let file: number
  try {
    file = openSync(join(dataDir, 'global', 'pg_control'), 'r')
  } catch {
    return undefined
  }
  try {
    readSync(file, id)
    return String(id.readBigUInt64LE())
  } finally {
    closeSync(file)
  }
}
