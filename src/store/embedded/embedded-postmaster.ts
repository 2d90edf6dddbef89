import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { childEnvironment } from './embedded-identity.ts'

/** A running server process, as its own pid file describes it. */
export interface Postmaster {
  pid: number
  port: number
  socketDir: string
  /** `starting`, `ready`, `stopping`, or empty before the first of them. */
  status: string
}

/**
 * The server that runs on this data, if any. A pid file proves nothing: after a crash its pid may belong
 * to any other process, so the process itself is asked what it is.
 */
export function runningPostmaster(dataDir: string): Postmaster | undefined {
  const file = join(dataDir, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const [pid = '', , , port = '', socketDir = '', , , status = ''] = readPidFile(file)
  if (!isPostmasterOf(Number(pid), dataDir)) return undefined
  return { pid: Number(pid), port: Number(port), socketDir, status: status.trim() }
}

function readPidFile(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

function isPostmasterOf(pid: number, dataDir: string): boolean {
  if (!(pid > 0)) return false
  if (!existsSync('/proc/self/stat')) return isPostmasterByPs(pid, dataDir)
  try {
    const [program = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    // Its backends run in the same folder, but rename themselves to `postgres: …`.
    const isServer = program.endsWith('/postgres')
    return isServer && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir)
  } catch {
    return false
  }
}

function isPostmasterByPs(pid: number, dataDir: string): boolean {
  const done = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], {
    env: childEnvironment,
    encoding: 'utf8',
  })
  return done.stdout?.includes(`/postgres -D ${dataDir} `) ?? false
}
