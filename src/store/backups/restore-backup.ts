import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { Refusal } from '../../errors.ts'
import { binariesVersion, embeddedBinaries } from '../embedded/embedded-binaries.ts'
import { chooseIdentity, type Identity } from '../embedded/embedded-identity.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import type { Backup, BackupFolder } from './backup-folder.ts'
import { type RestoreTarget, sayTarget } from './choose-backup.ts'
import { formatLsn, type Lsn, parseLsn } from './lsn.ts'
import { readBackup } from './read-backup.ts'
import { assertReplayed } from './replayed-to-end.ts'
import { readArchived, readSegment, type WalPath, walAfter } from './wal-archive.ts'

export interface RestoreOptions {
  /** An empty folder, which gets `postgres` with the data and what the server needs beside it. */
  parent: string
  target?: RestoreTarget | undefined
  /** Bytes of the data folder that are written. */
  onBytes?: (done: number) => void
  signal?: AbortSignal
}

/** A server on restored data, which takes writes. */
export interface RestoredServer {
  server: EmbeddedPostgres
  /** Up to where the log was replayed. */
  replayedTo: Lsn
}

/** A log of years may take a day. */
const replayMs = 24 * 60 * 60 * 1000

/**
 * Unpacks a backup, replays the log to the target, and leaves a server running there that nobody else can
 * reach. Throws Refusal BACKUP_DAMAGED, WAL_MISSING, RESTORE_TARGET_UNREACHABLE or RESTORE_FAILED.
 */
export async function restoreBackup(
  folder: BackupFolder,
  backup: Backup,
  options: RestoreOptions,
): Promise<RestoredServer> {
  const { parent, target } = options
  const native = embeddedBinaries()
  const version = binariesVersion(native)
  if (version !== backup.postgres) {
    const problem = `it is of PostgreSQL ${backup.postgres}, and this is PostgreSQL ${version}`
    throw new Refusal('RESTORE_FAILED', { problem })
  }
  // Before anything is written: what lacks a file is refused at once.
  const wal = walAfter(folder, backup)
  if (target && 'lsn' in target && target.lsn > endOf(wal, backup))
    throw beyond(target, wal, backup)
  const data = join(parent, 'postgres')
  const identity = chooseIdentity(native, parent, data)
  mkdirSync(data, { mode: 0o700 })
  if (identity.ids) chownSync(data, identity.ids.uid, identity.ids.gid)
  const { onBytes, signal } = options
  await readBackup(backup, {
    into: { folder: data, ids: identity.ids },
    ...(onBytes && { onBytes }),
    ...(signal && { signal }),
  })
  const give = (name: string, bytes: Buffer | string) => giveFile(identity, join(data, name), bytes)
  for (const name of wal.histories) give(`pg_wal/${name}`, readArchived(folder, name))
  for (const name of wal.segments) {
    signal?.throwIfAborted()
    give(`pg_wal/${name}`, readSegment(folder, name, backup))
  }
  give('recovery.signal', '')
  const server = await startRecovery(options, { backup, wal })
  try {
    const { replayedTo, timeline } = await askReplayed(server)
    // It was made while nothing was archived. Without it in the archive, the next restore would not know
    // that this timeline went on from here, and follow the one that was left.
    give(`pg_wal/archive_status/${timeline}.history.ready`, '')
    if (!target) assertReplayed({ folder, backup, wal, replayedTo })
    return { server, replayedTo }
  } catch (error) {
    await server.stop()
    throw error
  }
}

const endOf = (wal: WalPath, backup: Backup): Lsn =>
  wal.segments.length > 0 ? wal.endLsn : backup.stop_lsn

const beyond = (target: RestoreTarget, wal: WalPath, backup: Backup) =>
  new Refusal('RESTORE_TARGET_UNREACHABLE', {
    target: sayTarget(target),
    problem: `the archive ends before it, at ${formatLsn(endOf(wal, backup))}`,
  })

function giveFile({ ids }: Identity, path: string, bytes: Buffer | string): void {
  writeFileSync(path, bytes, { mode: 0o600 })
  if (ids) chownSync(path, ids.uid, ids.gid)
}

/**
 * The log lies in the data folder by now, checked, so that the server need not be able to read the archive.
 * What the backed up server was configured with does not count: it may name libraries that are not here.
 */
async function startRecovery(
  { parent, target }: RestoreOptions,
  { backup, wal }: { backup: Backup; wal: WalPath },
): Promise<EmbeddedPostgres> {
  const [config, access] = [join(parent, 'recovery.conf'), join(parent, 'recovery-access.conf')]
  writeFileSync(config, '', { mode: 0o644 })
  writeFileSync(access, 'local all all trust\n', { mode: 0o644 })
  try {
    return await startEmbeddedPostgres({
      dataDir: parent,
      owner: { user: backup.user, database: backup.database },
      startMs: replayMs,
      settings: {
        config_file: config,
        hba_file: access,
        shared_preload_libraries: '',
        ssl: 'off',
        logging_collector: 'off',
        archive_mode: 'off',
        hot_standby: 'off',
        restore_command: 'false',
        recovery_target_timeline: String(wal.timeline),
        recovery_target_action: 'promote',
        ...(target && 'at' in target && { recovery_target_time: inPostgresForm(target.at) }),
        ...(target && 'lsn' in target && { recovery_target_lsn: formatLsn(target.lsn) }),
      },
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const problem = String(error.details.problem ?? error.message)
    if (target && /before configured recovery target/.test(problem))
      throw beyond(target, wal, backup)
    throw new Refusal('RESTORE_FAILED', { problem }, { cause: error })
  } finally {
    rmSync(config, { force: true })
    rmSync(access, { force: true })
  }
}

/** PostgreSQL takes no `Z` here. */
const inPostgresForm = (at: Date): string => at.toISOString().replace('T', ' ').replace('Z', '+00')

async function askReplayed(
  server: EmbeddedPostgres,
): Promise<{ replayedTo: Lsn; timeline: string }> {
  const client = new pg.Client(server.config)
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ lsn: string | null; timeline: string }>(
      `select pg_last_wal_replay_lsn()::text as lsn,
         left(pg_walfile_name(pg_current_wal_lsn()), 8) as timeline`,
    )
    const [row] = rows
    const replayedTo = parseLsn(row?.lsn ?? '')
    if (!row || replayedTo === undefined) {
      throw new Refusal('RESTORE_FAILED', { problem: 'nothing was replayed' })
    }
    return { replayedTo, timeline: row.timeline }
  } finally {
    await client.end()
  }
}
