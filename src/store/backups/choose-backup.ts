import { Refusal } from '../../errors.ts'
import { type Backup, type BackupFolder, listBackups } from './backup-folder.ts'
import { formatLsn, type Lsn, parseLsn } from './lsn.ts'

/** Where a restore ends; without one it goes to the end of the archive. */
export type RestoreTarget = { at: Date } | { lsn: Lsn }

/** Reads a moment (ISO 8601, with a zone or UTC) or a position of the log; undefined when it is neither. */
export function parseTarget(text: string): RestoreTarget | undefined {
  const lsn = parseLsn(text)
  if (lsn !== undefined) return { lsn }
  if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) {
    return undefined
  }
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10))
  const at = new Date(text.length > 10 && !hasZone ? `${text}Z` : text)
  return Number.isNaN(at.getTime()) ? undefined : { at }
}

/** The target for people. */
export const sayTarget = (target: RestoreTarget | undefined): string => {
  if (!target) return 'The end of the archive'
  return 'at' in target ? target.at.toISOString() : formatLsn(target.lsn)
}

/**
 * The backup from which the target is reached in the shortest way: the newest that was complete before it.
 * Throws Refusal RESTORE_TARGET_UNREACHABLE, or BACKUP_FOLDER_UNUSABLE when there is none at all.
 */
export function chooseBackup(
  folder: BackupFolder,
  { target, id }: { target?: RestoreTarget | undefined; id?: string | undefined } = {},
): Backup {
  const all = listBackups(folder)
  const backups = id === undefined ? all : all.filter((backup) => backup.id === id)
  const [oldest] = backups
  if (!oldest) {
    const problem = id === undefined ? 'there is no backup in it yet' : `it has no backup ${id}`
    throw new Refusal('BACKUP_FOLDER_UNUSABLE', { path: folder.path, problem })
  }
  const found = backups.findLast((backup) => !target || isAfter(target, backup))
  if (found) return found
  throw new Refusal('RESTORE_TARGET_UNREACHABLE', {
    target: sayTarget(target),
    problem: `the oldest backup ended at ${oldest.stopped_at}, ${formatLsn(oldest.stop_lsn)}`,
  })
}

const isAfter = (target: RestoreTarget, backup: Backup): boolean =>
  'at' in target ? target.at >= new Date(backup.stopped_at) : target.lsn >= backup.stop_lsn
