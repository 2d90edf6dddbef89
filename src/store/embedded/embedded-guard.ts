import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { isErrorCode } from '../database/error-code.ts'
import { childEnvironment, type Identity } from './embedded-identity.ts'
import type { Postmaster } from './embedded-postmaster.ts'

/*
 * The server must outlive the process that started it while others use it, and must not outlive the last of them,
 * even when that one is killed with -9. So each process holds a named pipe open for writing, and a small
 * shell, the guard, reads it: the end of the pipe means that no process is left, however they ended.
 *
 * A process may join between the end of the pipe and the stop. Joining is: open, write one line, see that
 * the pipe still has its name. The guard takes the name away first and then looks for a line, so either it
 * sees the line and puts the name back, or the newcomer sees no name and waits. A pipe that lost its name
 * otherwise belongs to a server that crashed and was replaced: its pid may be anybody's by now.
 */
const guardScript = `
pipe=$1 pid=$2 socket_dir=$3
shift 3
if [ "$pid" = new ]; then
  "$@" </dev/null &
  pid=$!
  mv "$pipe" "\${pipe%.*}.$pid"
  pipe=\${pipe%.*}.$pid
fi
trap "" INT TERM HUP
while :; do
  while read -r line; do :; done
  if ! mv "$pipe" "$pipe.closing"; then
    read -r owner <"\${pipe%/*}/postmaster.pid" && [ "$owner" = "$pid" ] && break
    exit
  fi
  read -r line || break
  mv "$pipe.closing" "$pipe"
done
rm -f "$pipe.closing"
kill -INT "$pid"
wait
rmdir "$socket_dir"
`

/** A share in the running server. It ends with the process, or when it is released. */
export interface Share {
  /** True when nobody else holds one, so the server is stopping. Call under the lock. */
  release(): boolean
}

/** Where a server keeps itself; all of it belongs to the identity, apart from the log. */
export interface GuardedPlace {
  identity: Identity
  dataDir: string
  logFile: string
}

/** Starts the server under a guard. It may not be ready yet, or ever: see `startedPid`. */
export function startGuarded(
  place: GuardedPlace,
  socketDir: string,
  command: readonly string[],
): { guard: ChildProcess; share: Share } {
  // What a crash left behind must not be mistaken for this server's.
  for (const name of pipesIn(place.dataDir)) rmSync(join(place.dataDir, name), { force: true })
  const pipe = join(place.dataDir, 'nova-pipe.new')
  makePipe(pipe, place.identity)
  const { guard, writer } = spawnGuard(place, pipe, ['new', socketDir, ...command])
  return { guard, share: shareIn(place.dataDir, writer) }
}

/** The pid of the server that `startGuarded` started, once the guard has told it. */
export function startedPid(dataDir: string): number | undefined {
  const name = pipesIn(dataDir).find((pipe) => /^nova-pipe\.\d+$/.test(pipe))
  return name ? Number(name.slice('nova-pipe.'.length)) : undefined
}

/**
 * Takes a share in a running server, or undefined when it is stopping: look again. Call under the lock.
 */
export function joinGuarded(place: GuardedPlace, server: Postmaster): Share | undefined {
  const pipe = join(place.dataDir, `nova-pipe.${server.pid}`)
  let writer: number
  try {
    writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined
    // The pipe has no reader: the guard was killed and the server was not. Give it a new one.
    if (isErrorCode(error, 'ENXIO')) {
      const args = [String(server.pid), server.socketDir]
      return shareIn(place.dataDir, spawnGuard(place, pipe, args).writer)
    }
    throw error
  }
  writeSync(writer, '\n')
  if (hasName(writer, pipe)) return shareIn(place.dataDir, writer)
  closeSync(writer)
  return undefined
}

function spawnGuard(place: GuardedPlace, pipe: string, args: readonly string[]) {
  // Opening one end waits for the other; opening both never waits. The guard is born with its end open,
  // so it sees the end of the pipe even if this process dies before the next line.
  const both = openSync(pipe, 'r+')
  const reader = openSync(pipe, 'r')
  const writer = openSync(pipe, 'w')
  closeSync(both)
  const log = openSync(place.logFile, 'a', 0o600)
  const [program = '', ...rest] = [
    ...place.identity.prefix,
    ...['/bin/sh', '-c', guardScript, 'nova-guard', pipe, ...args],
  ]
  const guard = spawn(program, rest, {
    ...place.identity.ids,
    cwd: '/',
    env: childEnvironment,
    // Its own session: Ctrl-C in the terminal is for us, and we tell the server when we are done.
    detached: true,
    stdio: [reader, log, log],
  })
  // A guard that could not be spawned has no pid; the process that waits for the server sees that.
  guard.on('error', () => {})
  guard.unref()
  closeSync(reader)
  closeSync(log)
  return { guard, writer }
}

function makePipe(pipe: string, identity: Identity): void {
  const made = spawnSync('mkfifo', ['-m', '600', pipe], { env: childEnvironment })
  if (made.status !== 0) throw new Error('its data folder cannot hold a named pipe')
  if (identity.ids) chownSync(pipe, identity.ids.uid, identity.ids.gid)
}

function shareIn(dataDir: string, writer: number): Share {
  let held = true
  return {
    release() {
      if (!held) return false
      held = false
      const { ino } = fstatSync(writer)
      closeSync(writer)
      return pipesIn(dataDir).every((name) => isAbandoned(join(dataDir, name), ino))
    },
  }
}

/** Whether no process holds a share: a pipe without writers is at its end, one with writers is empty. */
function isAbandoned(pipe: string, ino: number): boolean {
  try {
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      // Another inode is another server's: this one crashed and was replaced.
      return fstatSync(reader).ino === ino && readSync(reader, Buffer.alloc(1)) === 0
    } finally {
      closeSync(reader)
    }
  } catch (error) {
    if (isErrorCode(error, 'EAGAIN')) return false
    if (isErrorCode(error, 'ENOENT')) return true
    throw error
  }
}

function hasName(file: number, name: string): boolean {
  try {
    return fstatSync(file).ino === statSync(name).ino
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return false
    throw error
  }
}

function pipesIn(dataDir: string): string[] {
  try {
    return readdirSync(dataDir).filter((name) => name.startsWith('nova-pipe.'))
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return []
    throw error
  }
}
