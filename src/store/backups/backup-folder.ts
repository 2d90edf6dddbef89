import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Refusal } from '../../errors.ts'
import { isErrorCode } from '../database/error-code.ts'
import { parseLsn } from './lsn.ts'

/** The format that this version writes and the newest that it reads. */
const format = 1

const lsn = z.string().transform((text, context) => {
  const parsed = parseLsn(text)
  if (parsed !== undefined) return parsed
  context.addIssue('is no position of the log')
  return z.NEVER
})

/** Which server's backups a folder holds. Unset until the server was asked for the first time. */
const marker = z.object({
  nova_backups: z.number().int().positive(),
  system: z.string().optional(),
})

const description = z.object({
  nova_backup: z.literal(format),
  system: z.string(),
  /** PostgreSQL's major version: data files of another one cannot be read. */
  postgres: z.number().int(),
  segment_bytes: z.number().int().positive(),
  timeline: z.number().int().positive(),
  start_lsn: lsn,
  stop_lsn: lsn,
  started_at: z.iso.datetime(),
  /** By the server's clock. No earlier moment can be restored from this backup. */
  stopped_at: z.iso.datetime(),
  /** Who made it, and so may open it once it is restored. */
  user: z.string(),
  database: z.string(),
  /** Bytes of the data folder, and of the file that holds it. */
  data_bytes: z.number(),
  stored_bytes: z.number(),
})

/** One base backup, as it describes itself. */
export type Backup = Omit<z.output<typeof description>, 'nova_backup'> & {
  /** The name of its folder: the moment it was begun. */
  id: string
  path: string
}

/** A folder with the backups of one server and the archive of its log. */
export interface BackupFolder {
  path: string
  /** Where the server or its operator puts each finished file of the log. */
  wal: string
  base: string
  system: string | undefined
}

const markerName = 'nova-backups.json'
const descriptionName = 'backup.json'

/** The data folder as PostgreSQL's tar, compressed. */
export const dataFileOf = (backup: { path: string }): string => join(backup.path, 'base.tar.zst')
export const manifestOf = (backup: { path: string }): string => join(backup.path, 'backup_manifest')

/**
 * Opens a folder of backups, or makes one of an empty or missing folder. Throws Refusal
 * BACKUP_FOLDER_UNUSABLE for what is not ours, of a newer version, or of another server than `system`.
 */
export function makeBackupFolder(path: string, system?: string): BackupFolder {
  mkdirSync(path, { recursive: true, mode: 0o711 })
  const found = readMarker(path)
  if (!found && readdirSync(path).length > 0) {
    throw unusable(path, 'it holds files that are not backups of Nova')
  }
  if (system && found?.system && found.system !== system) {
    throw unusable(path, 'it holds backups of another server')
  }
  const folder = { ...placesIn(path), system: system ?? found?.system }
  mkdirSync(folder.wal, { recursive: true, mode: 0o711 })
  mkdirSync(folder.base, { recursive: true, mode: 0o711 })
  if (!found || found.system !== folder.system) {
    const text = { nova_backups: format, ...(folder.system && { system: folder.system }) }
    replaceFile(join(path, markerName), `${JSON.stringify(text, null, 2)}\n`)
  }
  return folder
}

/** Opens a folder of backups to read from. Throws Refusal BACKUP_FOLDER_UNUSABLE. */
export function openBackupFolder(path: string): BackupFolder {
  const found = readMarker(path)
  if (!found) throw unusable(path, 'there are no backups in it')
  return { ...placesIn(path), system: found.system }
}

/** The whole backups of a folder, oldest first. Throws Refusal BACKUP_DAMAGED. */
export function listBackups(folder: BackupFolder): Backup[] {
  const names = readdirSync(folder.base).filter((name) => /^\d{8}T\d{6}Z$/.test(name))
  return names.toSorted().map((id) => {
    const path = join(folder.base, id)
    return { id, path, ...readDescription(path) }
  })
}

/** Writes the last file of a backup: what has none is no backup. */
export function describeBackup(path: string, backup: Omit<Backup, 'id' | 'path'>, say: SayLsn) {
  const text = {
    nova_backup: format,
    ...backup,
    start_lsn: say(backup.start_lsn),
    stop_lsn: say(backup.stop_lsn),
  }
  replaceFile(join(path, descriptionName), `${JSON.stringify(text, null, 2)}\n`)
}

type SayLsn = (lsn: bigint) => string

function readDescription(path: string) {
  const file = join(path, descriptionName)
  try {
    const { nova_backup: _, ...backup } = description.parse(JSON.parse(readFileSync(file, 'utf8')))
    return backup
  } catch (cause) {
    const problem = 'it does not describe a backup'
    throw new Refusal('BACKUP_DAMAGED', { path: file, problem }, { cause })
  }
}

const placesIn = (path: string) => ({ path, wal: join(path, 'wal'), base: join(path, 'base') })

function readMarker(path: string): z.output<typeof marker> | undefined {
  let text: string
  try {
    text = readFileSync(join(path, markerName), 'utf8')
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined
    throw error
  }
  const parsed = marker.safeParse(parseJson(text))
  if (!parsed.success) throw unusable(path, `its ${markerName} cannot be read`)
  if (parsed.data.nova_backups > format) {
    throw unusable(path, 'it was written by a newer version of Nova')
  }
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const unusable = (path: string, problem: string) =>
  new Refusal('BACKUP_FOLDER_UNUSABLE', { path, problem })

function replaceFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}.draft`
  try {
    writeFileSync(draft, text, { mode: 0o644, flush: true })
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}
