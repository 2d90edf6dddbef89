import { spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { isErrorCode } from '../database/error-code.ts'
import { childEnvironment, type Identity } from './embedded-identity.ts'

/**
 * Creates an empty database cluster unless there is one. It is made aside and renamed when complete, so
 * a start that was killed leaves nothing half made. Call under the lock.
 */
export async function createCluster(
  native: string,
  identity: Identity,
  dataDir: string,
  user: string,
): Promise<void> {
  const parent = dirname(dataDir)
  const prefix = `${basename(dataDir)}.init-`
  for (const name of readdirSync(parent)) {
    if (name.startsWith(prefix)) removeDraft(join(parent, name))
  }
  if (existsSync(join(dataDir, 'PG_VERSION'))) return
  const draft = join(parent, prefix + process.pid)
  mkdirSync(draft, { mode: 0o700 })
  if (identity.ids) chownSync(draft, identity.ids.uid, identity.ids.gid)
  await initdb(native, identity, draft, user)
  renameSync(draft, dataDir)
}

/** The initdb of a start that was killed may still write there; then the next start clears up. */
function removeDraft(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    if (!isErrorCode(error, 'ENOTEMPTY')) throw error
  }
}

async function initdb(native: string, identity: Identity, draft: string, user: string) {
  const [program = '', ...args] = [
    ...identity.prefix,
    join(native, 'bin', 'initdb'),
    ...['-D', draft, '-U', user, '--no-instructions'],
    // Only the owner of the socket folder can connect, so there is no password to keep.
    ...['-A', 'trust'],
    // The built-in locale sorts the same on every machine, whatever its C library.
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ]
  const child = spawn(program, args, {
    ...identity.ids,
    cwd: '/',
    env: childEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = new Promise<number | null>((done, failed) => {
    child.once('error', failed)
    child.once('close', done)
  })
  const [output, code] = await Promise.all([text(child.stderr), exited])
  if (code !== 0) throw new Error(`initdb failed: ${output.trim().split('\n').at(-1)}`)
}
