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
import { childEnvironment, type Identity } from './embedded-identity.ts'
import { isErrorCode } from './error-code.ts'

/*
 * The server must outlive whoever started it while others use it, and must not outlive the last of them,
 * even when that one is killed with -9. So each process holds a named pipe open for writing, and a small
 * shell, the guard, reads it: the end of the pipe means that nobody is left, however they left.
 *
 * A process may join between the end of the pipe and the stop. Joining is: open, write one line, see that
 * the pipe still has its name. The guard takes the name away first and then looks for a line, so either it
 * sees the line and puts the name back, or the newcomer sees no name and waits. A pipe that lost its name
 * otherwise belongs to a server that crashed and was replaced: its pid may be anybody's by now.
 */
const guardScript = `
pipe=$1 pid=$2
shift 2
if [ "$pid" = new ]; then
  "$@" </dev/null &
  pid=$!
  mv "$pipe" "\${pipe%.*}.$pid"
  pipe=\${pipe%.*}.$pid
fi
trap "" INT TERM HUP
while :; do
  cat >/dev/null
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
`

/** A share in the running server. It ends with the process, or when it is released. */
export interface Share {
  /** True when nobody else holds one, so the server is stopping. Call under the lock. */
  release(): boolean
}

const pipeOf = (dataDir: string, pid: number) => join(dataDir, `nova-pipe.${pid}`)

/** Starts the server under a guard and takes the first share. The server may not be ready yet. */
export function startGuarded(
  identity: Identity,
  dataDir: string,
  logFile: string,
  command: readonly string[],
): { guard: ChildProcess; share: (pid: number) => Share } {
  // What a crash left behind must not be mistaken for this server's.
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith('nova-pipe.')) rmSync(join(dataDir, name), { force: true })
  }
  const pipe = join(dataDir, 'nova-pipe.new')
  makePipe(pipe, identity)
  const { guard, writer } = spawnGuard(identity, pipe, logFile, ['new', ...command])
  return { guard, share: (pid) => shareIn(pipeOf(dataDir, pid), writer) }
}

/**
 * Takes a share in a running server, or undefined when it is stopping or not yet guarded: look again.
 * Call under the lock.
 */
export function joinGuarded(
  identity: Identity,
  dataDir: string,
  logFile: string,
  pid: number,
): Share | undefined {
  const pipe = pipeOf(dataDir, pid)
  let writer: number
  try {
    writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined
    // Nobody reads: the guard was killed and the server was not. Give it a new one.
    if (isErrorCode(error, 'ENXIO')) {
      return shareIn(pipe, spawnGuard(identity, pipe, logFile, [String(pid)]).writer)
    }
    throw error
  }
  writeSync(writer, '\n')
  if (hasName(writer, pipe)) return shareIn(pipe, writer)
  closeSync(writer)
  return undefined
}

function spawnGuard(identity: Identity, pipe: string, logFile: string, args: readonly string[]) {
  // Opening one end waits for the other, and opening both never waits. The guard is born with its end
  // open, so it sees the end of the pipe even if this process dies before the next line.
  const both = openSync(pipe, 'r+')
  const reader = openSync(pipe, 'r')
  const writer = openSync(pipe, 'w')
  closeSync(both)
  const log = openSync(logFile, 'a', 0o600)
  const [command = '', ...rest] = [
    ...identity.prefix,
    ...['/bin/sh', '-c', guardScript, 'nova-guard', pipe, ...args],
  ]
  const guard = spawn(command, rest, {
    ...identity.ids,
    cwd: '/',
    env: childEnvironment,
    // Its own session: Ctrl-C in the terminal is for us, and we tell the server when we are done.
    detached: true,
    stdio: [reader, log, log],
  })
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

function shareIn(pipe: string, writer: number): Share {
  let held = true
  return {
    release() {
      if (!held) return false
      held = false
      closeSync(writer)
      return isAbandoned(pipe)
    },
  }
}

/** Whether no process holds a share: a pipe without writers is at its end, one with writers is empty. */
function isAbandoned(pipe: string): boolean {
  let reader: number
  try {
    reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return true
    throw error
  }
  try {
    return readSync(reader, Buffer.alloc(1)) === 0
  } catch (error) {
    if (isErrorCode(error, 'EAGAIN')) return false
    throw error
  } finally {
    closeSync(reader)
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
