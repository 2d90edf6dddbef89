import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { processStart } from '../store/embedded/process-start.ts'
import { backupPath } from './backup/backup-path.ts'
import { type CliCall, type CliCommand, Stopped, UsageError } from './command.ts'

/** Brings the database of a backup back, up to any moment that the archive of the log reaches. */
export const restore: CliCommand = {
  name: 'restore',
  usage: '[--to TIME|POSITION] [--into FOLDER]',
  summary: 'Restore the database from its backups, up to now or to a moment',
  details: [
    'Makes a data folder that `nova serve` starts on, all or nothing. TIME is ISO 8601, UTC unless it says',
    'otherwise; what was committed after it is not restored. POSITION is one of the log, such as 0/16B3748.',
  ],
  positionals: { min: 0, max: 0 },
  options: {
    to: { type: 'string', value: 'TIME', help: 'The moment; default: all that is in the archive' },
    into: { type: 'string', value: 'FOLDER', help: 'The new data folder; default NOVA_DATA_DIR' },
    dir: {
      type: 'string',
      value: 'FOLDER',
      help: 'The folder of backups; default NOVA_BACKUP_DIR',
    },
    backup: { type: 'string', value: 'ID', help: 'From this one; default: the newest before TIME' },
  },
  async run(call) {
    const [{ openBackupFolder }, { chooseBackup, parseTarget, sayTarget }, { Refusal }] =
      await Promise.all([
        import('../store/backups/backup-folder.ts'),
        import('../store/backups/choose-backup.ts'),
        import('../errors.ts'),
      ])
    const settings = call.settings()
    const to = call.option('to')
    const target = to === undefined ? undefined : parseTarget(to)
    if (to !== undefined && !target) {
      throw new UsageError(
        `--to takes a moment such as 2026-01-31T10:00 or a position, not "${to}".`,
      )
    }
    const folder = openBackupFolder(backupPath(call, settings))
    const into = resolve(call.option('into') ?? settings.NOVA_DATA_DIR)
    const data = join(into, 'postgres')
    if (existsSync(data)) throw new Refusal('RESTORE_PLACE_TAKEN', { path: data })
    const backup = chooseBackup(folder, { target, id: call.option('backup') })
    call.terminal.print(`Backup ${backup.id}, up to: ${sayTarget(target).toLowerCase()}`)
    mkdirSync(into, { recursive: true })
    removeDrafts(into)
    const draft = mkdtempSync(join(into, draftPrefix(process.pid)))
    try {
      chmodSync(draft, 0o711)
      const seconds = await restoreInto(call, { folder, backup, target, draft })
      renameSync(join(draft, 'postgres'), data)
      call.terminal.print(`Restored to ${data} in ${seconds.toFixed(1)} s`)
    } catch (error) {
      if (call.stopping.aborted) throw new Stopped('Nothing was left behind.')
      throw error
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
    const isOurs = backup.user === 'nova' && backup.database === 'nova'
    call.terminal.print(
      isOurs
        ? 'Next: `nova events verify`, then `nova serve`, with NOVA_DATA_DIR on that folder.'
        : `Next: start PostgreSQL ${backup.postgres} on it, and set DATABASE_URL (user ${backup.user}, database ${backup.database}).`,
    )
    return 0
  },
}

/** Names whose draft it is: a restore that was killed leaves its own to the next one. */
const draftPrefix = (pid: number): string => `restore-${pid}-${processStart(pid) ?? 'gone'}-`

function removeDrafts(into: string): void {
  for (const name of readdirSync(into)) {
    const [, pid] = /^restore-(\d+)-\w+-\w+$/.exec(name) ?? []
    if (pid && !name.startsWith(draftPrefix(Number(pid)))) {
      rmSync(join(into, name), { recursive: true, force: true })
    }
  }
}

type Wanted = Parameters<typeof import('../store/backups/restore-backup.ts').restoreBackup>

async function restoreInto(
  { terminal, stopping }: CliCall,
  {
    folder,
    backup,
    target,
    draft,
  }: { folder: Wanted[0]; backup: Wanted[1]; target: Wanted[2]['target']; draft: string },
): Promise<number> {
  const [{ restoreBackup }, { formatLsn }] = await Promise.all([
    import('../store/backups/restore-backup.ts'),
    import('../store/backups/lsn.ts'),
  ])
  const began = performance.now()
  const { server, replayedTo } = await restoreBackup(folder, backup, {
    parent: draft,
    target,
    signal: stopping,
    onBytes: (done) => terminal.status(`Unpacking … ${(done / 2 ** 20).toFixed(0)} MB`),
  })
  await server.stop()
  terminal.print(`Replayed up to ${formatLsn(replayedTo)}`)
  return (performance.now() - began) / 1000
}
