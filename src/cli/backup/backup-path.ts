import { resolve } from 'node:path'
import type { Config } from '../../config.ts'
import { type CliCall, UsageError } from '../command.ts'

/** The folder of backups that a command is about. Throws UsageError when none is named. */
export function backupPath(call: Pick<CliCall, 'option'>, settings: Config): string {
  const path = call.option('dir') ?? settings.NOVA_BACKUP_DIR
  if (path === undefined) throw new UsageError('Name the folder: --dir FOLDER, or NOVA_BACKUP_DIR.')
  return resolve(path)
}
