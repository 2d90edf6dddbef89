import { type CliCall, type CliCommand, UsageError } from './command.ts'

type Action = (call: CliCall) => Promise<number>

const actions: Readonly<Record<string, () => Promise<Action>>> = {
  create: async () => (await import('./backup/create.ts')).create,
  list: async () => (await import('./backup/list.ts')).list,
  drill: async () => (await import('./backup/drill.ts')).drill,
}

/** Copies of the whole database, and the proof that they can be restored. */
export const backup: CliCommand = {
  name: 'backup',
  usage: '[create] | list | drill',
  summary: 'Back the database up while it serves, and prove that it can be restored',
  details: [
    'create    copies the data of the server to the folder of backups, reads the copy back, and removes what',
    '          no moment of the last NOVA_BACKUP_DAYS days needs; run it once a day',
    'list      the backups that are there, and up to where the archive of the log leads',
    'drill     restores the newest backup to a server of its own, replays the log up to now, recomputes every',
    '          hash, compares streams and bodies with the live database, builds every read model anew, and',
    '          removes everything; exit code 1 at any doubt. --url checks a copy that was restored elsewhere,',
    '          and writes to it',
  ],
  positionals: { min: 0, max: 1 },
  options: {
    dir: {
      type: 'string',
      value: 'FOLDER',
      help: 'The folder of backups; default NOVA_BACKUP_DIR',
    },
    url: { type: 'string', value: 'URL', help: 'A restored copy to check (drill)' },
    work: {
      type: 'string',
      value: 'FOLDER',
      help: 'Where to restore to, with room for all (drill)',
    },
    'max-rpo': { type: 'string', value: 'SECONDS', help: 'Fail when a loss costs more (drill)' },
    'max-rto': {
      type: 'string',
      value: 'SECONDS',
      help: 'Fail when restoring takes longer (drill)',
    },
  },
  async run(call) {
    const [name = 'create'] = call.positionals
    const load = actions[name]
    if (!load)
      throw new UsageError(
        `nova backup has no action "${name}".`,
        `Usage: nova backup ${backup.usage}`,
      )
    return (await load())(call)
  },
}
