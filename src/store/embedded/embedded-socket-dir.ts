import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { GuardedPlace } from './embedded-guard.ts'
import type { Identity } from './embedded-identity.ts'

const prefix = 'nova-pg-'

/**
 * A folder for the server's socket that only the server's user may enter. Call with a cluster in place. It is the former one if that
 * can be trusted, so that processes with pools on it find the server again after a crash; else a fresh
 * one, which nobody can have prepared.
 */
export function makeSocketDir(
  former: string | undefined,
  { identity, dataDir }: Pick<GuardedPlace, 'identity' | 'dataDir'>,
): string {
  const uid = identity.ids?.uid ?? process.getuid?.()
  if (former && isPrivate(former, uid)) {
    // The dead server's socket and lock; its pid may seem alive as long as nobody has asked how it ended.
    for (const name of readdirSync(former)) rmSync(join(former, name), { force: true })
    return former
  }
  const dir =
    former && !existsSync(former)
      ? mkdirPrivate(former)
      : mkdtempSync(freshPrefix(identity, dataDir))
  if (identity.ids) chownSync(dir, identity.ids.uid, identity.ids.gid)
  return dir
}

/** The folder of the server that ran last, if it crashed. Call before the stale pid file is removed. */
export function formerSocketDir(dataDir: string): string | undefined {
  try {
    const dir = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[4] ?? ''
    return basename(dir).startsWith(prefix) ? dir : undefined
  } catch {
    return undefined
  }
}

/**
 * Where the server's user can also remove the folder in the end, which another user's temporary folder does
 * not allow: else in its data, or in the temporary folder of all. A socket's path has 103 bytes at most.
 */
function freshPrefix({ ids }: Identity, dataDir: string): string {
  const place = ids && !isOpenTo(ids.uid, tmpdir()) ? dataDir : tmpdir()
  return join(Buffer.byteLength(place) > 70 ? '/tmp' : place, prefix)
}

function isOpenTo(uid: number, folder: string): boolean {
  const { uid: owner, mode } = statSync(folder)
  return owner === uid || (mode & 0o002) !== 0
}

function mkdirPrivate(dir: string): string {
  mkdirSync(dir, { mode: 0o700 })
  return dir
}

function isPrivate(dir: string, uid: number | undefined): boolean {
  const found = lstatSync(dir, { throwIfNoEntry: false })
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o777) === 0o700
}
