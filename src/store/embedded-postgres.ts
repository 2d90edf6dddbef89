import type { ChildProcess } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { Refusal } from '../errors.ts'
import { embeddedBinaries } from './embedded-binaries.ts'
import { createCluster } from './embedded-cluster.ts'
import {
  type GuardedPlace,
  joinGuarded,
  type Share,
  startedPid,
  startGuarded,
} from './embedded-guard.ts'
import { chooseIdentity, type Identity } from './embedded-identity.ts'
import { withFileLock } from './embedded-lock.ts'
import { openServerLog } from './embedded-log.ts'
import { type Postmaster, runningPostmaster } from './embedded-postmaster.ts'
import { isErrorCode } from './error-code.ts'
import { processStart } from './process-start.ts'
import type { StoreLog } from './store-log.ts'

/** A share in the PostgreSQL server that all processes on one data folder use. */
export interface EmbeddedPostgres {
  config: { host: string; port: number; user: string; database: string }
  /** Of the server's main process. */
  pid: number
  /** For people: `started as postgres`, `joined the running server`. */
  how: string
  /** Gives the share back. The last one stops the server and resolves when it has stopped. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** The data goes to `postgres` below this folder. */
  dataDir: string
  /** Server settings, over ours; a server that runs already keeps its own. */
  settings?: Record<string, string>
  log?: StoreLog
}

const user = 'nova'
const database = 'nova'
const startTimeoutMs = 60_000
const stopTimeoutMs = 30_000

const serverSettings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: '5432',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  // An acknowledged event is on disk: with `off`, a crash lost a quarter of them.
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Statements and details of errors hold what users wrote.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  jit: 'off',
}

/**
 * Starts PostgreSQL below the data folder, or joins the one that another process started. It stops with
 * the last process that uses it, however that one ends. Throws Refusal EMBEDDED_DATABASE_FAILED.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  try {
    return await shareServer(options)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new Refusal('EMBEDDED_DATABASE_FAILED', { problem }, { cause })
  }
}

async function shareServer({ dataDir, settings, log }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const parent = resolve(dataDir)
  mkdirSync(parent, { recursive: true })
  const data = join(parent, 'postgres')
  const lockFile = join(parent, 'postgres.lock')
  const deadline = Date.now() + startTimeoutMs
  const { server, share, how } = await withFileLock(lockFile, deadline, () => {
    const native = embeddedBinaries()
    const identity = chooseIdentity(native, parent, data)
    const place = { identity, dataDir: data, logFile: join(parent, 'postgres.log') }
    return joinOrStart(place, native, { ...serverSettings, ...settings }, deadline)
  })
  log?.debug(`embedded PostgreSQL: ${how}, pid ${server.pid}, socket in ${server.socketDir}`)
  const config = { host: server.socketDir, port: server.port, user, database }
  const stop = () => stopIfLast(share, data, lockFile)
  try {
    await ensureDatabase(config)
  } catch (error) {
    await stop()
    throw error
  }
  return { config, pid: server.pid, how, stop }
}

interface Shared {
  server: Postmaster
  share: Share
  how: string
}

async function joinOrStart(
  place: GuardedPlace,
  native: string,
  settings: Record<string, string>,
  deadline: number,
): Promise<Shared> {
  let problem = 'it is still starting or stopping'
  while (Date.now() < deadline) {
    const server = runningPostmaster(place.dataDir)
    if (!server) {
      const started = await startServer(place, native, settings, deadline)
      if (typeof started !== 'string') return started
      problem = started
      // The remains of a killed server keep its memory for some tenths of a second.
      if (!/shared memory block|lock file/.test(problem)) break
    } else if (server.status === 'ready') {
      const share = joinGuarded(place, server)
      if (share) return { server, share, how: 'joined the running server' }
      problem = 'a server that Nova did not start runs on its data'
    }
    await delay(10)
  }
  throw new Error(problem)
}

/** The running server, or why there is none. */
async function startServer(
  place: GuardedPlace,
  native: string,
  settings: Record<string, string>,
  deadline: number,
): Promise<Shared | string> {
  const { identity, dataDir } = place
  await createCluster(native, identity, dataDir, user)
  // No server runs on this data, so the pid in this file is a dead one's, or by now somebody else's.
  rmSync(join(dataDir, 'postmaster.pid'), { force: true })
  const serverLog = openServerLog(place.logFile)
  const socketDir = makeSocketDir(identity)
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { guard, share } = startGuarded(place, socketDir, [
    ...[join(native, 'bin', 'postgres'), '-D', dataDir],
    ...['-c', `unix_socket_directories=${socketDir}`, ...args],
  ])
  while (Date.now() < deadline && isComing(guard, dataDir)) {
    const server = runningPostmaster(dataDir)
    if (server?.status === 'ready') return { server, share, how: `started as ${identity.who}` }
    await delay(5)
  }
  share.release()
  rmSync(socketDir, { recursive: true, force: true })
  return serverLog.problem()
}

function isComing(guard: ChildProcess, dataDir: string): boolean {
  if (guard.pid === undefined || guard.exitCode !== null) return false
  const pid = startedPid(dataDir)
  return pid === undefined || processStart(pid) !== undefined
}

/** A fresh folder each time, so that nobody can have prepared it. A socket's path has 103 bytes at most. */
function makeSocketDir(identity: Identity): string {
  const parent = tmpdir().length > 70 ? '/tmp' : tmpdir()
  const dir = mkdtempSync(join(parent, 'nova-pg-'))
  if (identity.ids) chownSync(dir, identity.ids.uid, identity.ids.gid)
  return dir
}

async function stopIfLast(share: Share, dataDir: string, lockFile: string): Promise<void> {
  try {
    await withFileLock(lockFile, Date.now() + stopTimeoutMs, async () => {
      if (!share.release()) return
      const deadline = Date.now() + stopTimeoutMs
      while (runningPostmaster(dataDir) && Date.now() < deadline) await delay(5)
    })
  } catch (error) {
    // Somebody removed the folder; the guard needs none.
    if (!isErrorCode(error, 'ENOENT')) throw error
  } finally {
    share.release()
  }
}

async function ensureDatabase(config: EmbeddedPostgres['config']): Promise<void> {
  try {
    await withClient(config, async () => {})
  } catch (error) {
    if (!isErrorCode(error, '3D000')) throw error
    await withClient({ ...config, database: 'postgres' }, async (client) => {
      await client.query(`create database ${database}`).catch((failure) => {
        // Another process was first.
        if (!isErrorCode(failure, '42P04', '23505')) throw failure
      })
    })
  }
}

async function withClient(
  config: EmbeddedPostgres['config'],
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await work(client)
  } finally {
    await client.end()
  }
}
