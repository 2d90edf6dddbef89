import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import pg from 'pg'
import { Refusal } from '../../errors.ts'
import type { Database } from '../database/database.ts'
import { translateDatabaseError } from '../database/database-error.ts'
import { withFileLock } from '../embedded/embedded-lock.ts'
import {
  type Backup,
  type BackupFolder,
  dataFileOf,
  describeBackup,
  makeBackupFolder,
  manifestOf,
} from './backup-folder.ts'
import { formatLsn } from './lsn.ts'
import { readBackup } from './read-backup.ts'
import { receiveBaseBackup } from './receive-base-backup.ts'

export interface BackupOptions {
  /** Bytes of the data folder that have come, and about how many there are. */
  onBytes?: (done: number, total: number) => void
  signal?: AbortSignal
}

export interface TakenBackup {
  folder: BackupFolder
  backup: Backup
  /** Whether the server archives its log: without, nothing between two backups can be restored. */
  archives: boolean
}

/**
 * Copies the server's data folder, while it serves, into a folder of backups, and reads the copy back. It has
 * its name only when it is whole and on disk. Throws Refusal BACKUP_REFUSED or BACKUP_FOLDER_UNUSABLE.
 */
export async function takeBackup(
  database: Pick<Database, 'kind' | 'connection'>,
  path: string,
  options: BackupOptions = {},
): Promise<TakenBackup> {
  if (database.kind === 'cloud-sql') {
    throw new Refusal('BACKUP_REFUSED', { problem: 'Cloud SQL keeps backups itself' })
  }
  const client = new pg.Client(replicationSettings(database))
  client.on('error', () => {})
  try {
    await client.connect()
    const server = await askServer(client)
    const folder = makeBackupFolder(path, server.system)
    const busy = () =>
      new Refusal('BACKUP_FOLDER_UNUSABLE', { path, problem: 'another backup is being made there' })
    const copy = () => copyInto(folder, client, server, options)
    const backup = await withFileLock(join(path, 'backup.lock'), Date.now(), copy, busy)
    return { folder, backup, archives: server.archives }
  } catch (error) {
    throw refusalOf(error)
  } finally {
    await client.end().catch(() => {})
  }
}

/** Statements of a backup take as long as the data is large. */
function replicationSettings(database: Pick<Database, 'connection'>): pg.ClientConfig {
  const { max: _, query_timeout: _none, onConnect: __, ...connection } = database.connection()
  // With `database`, pg_hba.conf needs no line for replication, and the connection takes SQL as well.
  const settings = { ...connection, application_name: 'nova backup', replication: 'database' }
  return settings
}

interface Server {
  system: string
  postgres: number
  segmentBytes: number
  user: string
  database: string
  archives: boolean
  bytes: number
  now: Date
}

async function askServer(client: pg.Client): Promise<Server> {
  const { rows } = await client.query<Server & { spaces: number; bytes: string }>(
    `select (select system_identifier::text from pg_control_system()) as system,
       current_setting('server_version_num')::int / 10000 as postgres,
       pg_size_bytes(current_setting('wal_segment_size'))::int as "segmentBytes",
       current_user::text as user, current_database()::text as database,
       current_setting('archive_mode') <> 'off' as archives,
       (select sum(pg_database_size(oid)) from pg_database)::text as bytes,
       (select count(*)::int from pg_tablespace where spcname not in ('pg_default', 'pg_global')) as spaces,
       clock_timestamp() as now`,
  )
  const [server] = rows
  if (!server) throw new Error('the server did not say what it is')
  if (server.spaces > 0) {
    throw new Refusal('BACKUP_REFUSED', {
      problem: 'it has tablespaces outside of its data folder',
    })
  }
  return { ...server, bytes: Number(server.bytes) }
}

async function copyInto(
  folder: BackupFolder,
  client: pg.Client,
  server: Server,
  { onBytes, signal }: BackupOptions,
): Promise<Backup> {
  for (const name of readdirSync(folder.base)) {
    // Left by a backup that was killed: we hold the lock.
    if (name.endsWith('.draft')) rmSync(join(folder.base, name), { recursive: true, force: true })
  }
  const id = freeId(folder, server.now)
  const path = join(folder.base, id)
  const draft = { path: `${path}.draft` }
  mkdirSync(draft.path, { mode: 0o700 })
  try {
    const stored = createWriteStream(dataFileOf(draft), { mode: 0o600, flush: true })
    const pack = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } })
    const tar = new PassThrough()
    const [sent] = await Promise.all([
      receiveBaseBackup(client, tar, (done) => onBytes?.(done, server.bytes)),
      pipeline(tar, pack, stored, { ...(signal && { signal }) }),
    ])
    await writeFlushed(manifestOf(draft), sent.manifest)
    const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now')
    const read = await readBackup(draft, { ...(signal && { signal }) })
    const backup = {
      system: server.system,
      postgres: server.postgres,
      segment_bytes: server.segmentBytes,
      timeline: sent.timeline,
      start_lsn: sent.startLsn,
      stop_lsn: sent.stopLsn,
      started_at: server.now.toISOString(),
      stopped_at: (rows[0]?.now ?? new Date()).toISOString(),
      user: server.user,
      database: server.database,
      data_bytes: read.bytes,
      stored_bytes: statSync(dataFileOf(draft)).size,
    }
    describeBackup(draft.path, backup, formatLsn)
    await flushFolder(draft.path)
    renameSync(draft.path, path)
    await flushFolder(folder.base)
    return { id, path, ...backup }
  } catch (error) {
    rmSync(draft.path, { recursive: true, force: true })
    throw error
  }
}

/** The moment of the beginning, or the next second that no other backup is named by. */
function freeId(folder: BackupFolder, now: Date): string {
  for (let at = now.getTime(); ; at += 1000) {
    const id = new Date(at)
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
      .replaceAll(/[-:]/g, '')
    if (!existsSync(join(folder.base, id))) return id
  }
}

async function writeFlushed(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** What a server says no to is for its operator; a connection that broke is the database's. */
function refusalOf(error: unknown): unknown {
  if (error instanceof Refusal) return error
  if (error instanceof pg.DatabaseError && /^(0A|28|42|53[34]00|55)/.test(error.code ?? '')) {
    return new Refusal('BACKUP_REFUSED', { problem: error.message }, { cause: error })
  }
  return translateDatabaseError(error)
}
