import type { ChildProcess } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { Refusal } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { isErrorCode } from '../database/error-code.ts'
import { embeddedBinaries } from './embedded-binaries.ts'
import { createCluster } from './embedded-cluster.ts'
import {
  type GuardedPlace,
  joinGuarded,
  type Share,
  startedPid,
  startGuarded,
} from './embedded-guard.ts'
import { chooseIdentity } from './embedded-identity.ts'
import { withFileLock } from './embedded-lock.ts'
import { openServerLog } from './embedded-log.ts'
import { type Postmaster, runningPostmaster } from './embedded-postmaster.ts'
import { formerSocketDir, makeSocketDir } from './embedded-socket-dir.ts'
import { processStart } from './process-start.ts'

/** A share in the PostgreSQL server that all processes on one data folder use. */
export interface EmbeddedPostgres {
  config: { host: string; port: number; user: string; database: string }
  /** The id of the server's main process. */
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
  /** Starts the server again when it dies, as it does when memory runs out; on the same socket. */
  revive?: boolean
  /** Called before the server starts, and not when it runs already: gives settings that its place decides. */
  prepare?: (place: GuardedPlace) => Record<string, string>
  /** Who owns the cluster, and its database; a restored one may come from elsewhere. */
  owner?: { user: string; database: string }
  /** How long the server may take until it is ready: one that replays a log may take hours. */
  startMs?: number
  log?: Log
}

const ours = { user: 'nova', database: 'nova' }
const startTimeoutMs = 60_000
const stopTimeoutMs = 30_000

/** PostgreSQL's programs take paths of 1,023 bytes, of which those below the folder need some. */
const pathBytesMax = 900

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
 * the last process that uses it, however that one ends. Throws Refusal EMBEDDED_DATABASE_FAILED,
 * or what `prepare` refuses.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  try {
    return await shareServer(options)
  } catch (cause) {
    if (cause instanceof Refusal) throw cause
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new Refusal('EMBEDDED_DATABASE_FAILED', { problem }, { cause })
  }
}

async function shareServer(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const parent = resolve(options.dataDir)
  if (Buffer.byteLength(parent) > pathBytesMax) {
    throw new Error(`the path of its folder has more than ${pathBytesMax} bytes`)
  }
  mkdirSync(parent, { recursive: true })
  const data = join(parent, 'postgres')
  const lockFile = join(parent, 'postgres.lock')
  let current = await enter(options, parent, data, lockFile)
  const { host, port } = { host: current.server.socketDir, port: current.server.port }
  const config = { host, port, ...(options.owner ?? ours) }

  const reviving = options.revive
    ? keepAlive(
        () => current.server.pid,
        async () => {
          const dead = current.share
          current = await enter(options, parent, data, lockFile)
          dead.release()
        },
        options.log,
      )
    : undefined
  async function stop() {
    await reviving?.stop()
    await stopIfLast(current, lockFile)
  }
  try {
    await ensureDatabase(config)
  } catch (error) {
    await stop()
    throw error
  }
  return { config, pid: current.server.pid, how: current.how, stop }
}

async function enter(
  { settings, prepare, startMs = startTimeoutMs, log }: EmbeddedOptions,
  parent: string,
  data: string,
  lockFile: string,
): Promise<Shared> {
  const deadline = Date.now() + startMs
  const shared = await withFileLock(lockFile, deadline, () => {
    const native = embeddedBinaries()
    const identity = chooseIdentity(native, parent, data)
    const place = { identity, dataDir: data, logFile: join(parent, 'postgres.log') }
    const settingsThere = () => ({ ...serverSettings, ...settings, ...prepare?.(place) })
    return joinOrStart(place, native, settingsThere, deadline)
  })
  const { server, how } = shared
  log?.debug({ how, pid: server.pid, socketDir: server.socketDir }, 'embedded PostgreSQL')
  return shared
}

interface Shared {
  server: Postmaster
  share: Share
  how: string
}

async function joinOrStart(
  place: GuardedPlace,
  native: string,
  settingsThere: () => Record<string, string>,
  deadline: number,
): Promise<Shared> {
  let problem = 'it is still starting or stopping'
  let socketDir = formerSocketDir(place.dataDir)
  while (Date.now() < deadline) {
    const server = runningPostmaster(place.dataDir)
    if (!server) {
      await createCluster(native, place.identity, place.dataDir, ours.user)
      socketDir = makeSocketDir(socketDir, place)
      const started = await startServer(place, native, socketDir, settingsThere(), deadline)
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
  socketDir: string,
  settings: Record<string, string>,
  deadline: number,
): Promise<Shared | string> {
  const { identity, dataDir } = place
  // No server runs on this data, so the pid in this file is a dead one's, or by now somebody else's.
  rmSync(join(dataDir, 'postmaster.pid'), { force: true })
  const serverLog = openServerLog(place.logFile)
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
  // The guard clears up behind itself; the next attempt must not meet it.
  while (Date.now() < deadline && guard.pid !== undefined && guard.exitCode === null) await delay(5)
  return serverLog.problem()
}

function isComing(guard: ChildProcess, dataDir: string): boolean {
  if (guard.pid === undefined || guard.exitCode !== null) return false
  const pid = startedPid(dataDir)
  return pid === undefined || processStart(pid) !== undefined
}

async function stopIfLast({ server, share }: Shared, lockFile: string): Promise<void> {
  try {
    await withFileLock(lockFile, Date.now() + stopTimeoutMs, async () => {
      if (!share.release()) return
      const deadline = Date.now() + stopTimeoutMs
      while (processStart(server.pid) !== undefined && Date.now() < deadline) await delay(5)
    })
  } catch (error) {
    // Somebody removed the folder; the guard needs none.
    if (!isErrorCode(error, 'ENOENT')) throw error
  } finally {
    share.release()
  }
}

/** Looks after the server once a second, which costs one read of /proc. */
function keepAlive(
  pidOf: () => number,
  revive: () => Promise<void>,
  log: Log | undefined,
): { stop(): Promise<void> } {
  let reviving: Promise<void> | undefined
  const timer = setInterval(() => {
    if (reviving || processStart(pidOf()) !== undefined) return
    log?.warn({}, 'embedded PostgreSQL ended unexpectedly; it is started again')
    reviving = revive()
      .catch((error: Error) =>
        log?.warn({ problem: error.message }, 'embedded PostgreSQL was not started'),
      )
      .finally(() => {
        reviving = undefined
      })
  }, 1000)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await reviving
    },
  }
}

async function ensureDatabase(config: EmbeddedPostgres['config']): Promise<void> {
  try {
    await withClient(config, async () => {})
  } catch (error) {
    if (!isErrorCode(error, '3D000')) throw error
    await withClient({ ...config, database: 'postgres' }, async (client) => {
      await client.query(`create database ${config.database}`).catch((failure) => {
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
