import { spawnSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { resolve } from 'node:path'
import { Refusal } from '../../errors.ts'
import type { GuardedPlace } from '../embedded/embedded-guard.ts'
import { childEnvironment, type Identity } from '../embedded/embedded-identity.ts'
import { makeBackupFolder } from './backup-folder.ts'
import { systemOf } from './wal-archive.ts'

/** A file of the log is archived when it is full, or after so long: what a loss of the disk takes at most. */
const archiveSeconds = 300

/**
 * Settings with which the embedded server puts each finished file of its log into the folder of backups.
 * Throws Refusal BACKUP_FOLDER_UNUSABLE: a server that cannot archive keeps its log until the disk is full.
 */
export function archiveSettings(
  path: string,
  { identity, dataDir }: Pick<GuardedPlace, 'identity' | 'dataDir'>,
): Record<string, string> {
  const { wal } = makeBackupFolder(resolve(path), systemOf(dataDir))
  if (identity.ids) chownSync(wal, identity.ids.uid, identity.ids.gid)
  if (!mayWrite(identity, wal)) {
    const problem = `PostgreSQL runs as ${identity.who} here and may not write there`
    throw new Refusal('BACKUP_FOLDER_UNUSABLE', { path, problem })
  }
  return {
    archive_mode: 'on',
    archive_library: 'basic_archive',
    'basic_archive.archive_directory': wal,
    archive_timeout: String(archiveSeconds),
  }
}

/** Asks the kernel by trying, as the server will. */
function mayWrite({ prefix, ids }: Identity, folder: string): boolean {
  const [program = '', ...args] = [
    ...prefix,
    '/bin/sh',
    '-c',
    'cd "$1" && test -w .',
    'probe',
    folder,
  ]
  const done = spawnSync(program, args, {
    ...ids,
    cwd: '/',
    env: childEnvironment,
    stdio: 'ignore',
  })
  return done.status === 0
}
