import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { settingsFrom } from '../src/cli/setup/load-settings.ts'
import { createArticle } from '../src/commands/articles/create-article.ts'
import { composeStores } from '../src/compose/compose-stores.ts'
import { createContents } from '../src/store/contents/contents.ts'
import { openDatabase } from '../src/store/database/database.ts'
import { migrate } from '../src/store/database/migrate.ts'

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const megabyte = 2 ** 20

/**
 * Fills a database that archives its log, backs it up, writes on, and drills, by the commands that operators
 * use. A drill that fails ends the process with 1: `npm run drill` is this with 64 MB.
 */
export async function* backups(megabytes = '64'): AsyncGenerator<object> {
  const folder = mkdtempSync(join(tmpdir(), 'nova-bench-backups-'))
  const environment = {
    NOVA_DATA_DIR: join(folder, 'data'),
    NOVA_BACKUP_DIR: join(folder, 'backups'),
  }
  const database = await openDatabase(settingsFrom(environment))
  try {
    await migrate(database)
    const stores = composeStores(database)
    const contents = createContents(database.app)
    const caller = { userId: 'ada', metadata: { actor: 'agent' } } as const
    const write = async (count: number) => {
      for (let n = 0; n < count; n++) {
        await createArticle(stores, caller, { guideline: Buffer.from(`# ${crypto.randomUUID()}`) })
        // Half of it can be compressed, as texts can.
        const body = Buffer.from(randomBytes(megabyte / 2).toString('hex'))
        await contents.put('ada', body, 'text/plain')
      }
    }
    const measured = async (step: string, words: string[], size: number) => {
      const began = performance.now()
      const child = spawn(process.execPath, [program, ...words], {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 2, 2],
      })
      const [code] = await once(child, 'exit')
      if (code !== 0) process.exitCode = 1
      const seconds = (performance.now() - began) / 1000
      return { step, code, megabytes: size, seconds, megabytes_per_second: size / seconds }
    }
    const size = async () => {
      const { rows } = await database.owner.query<{ bytes: string }>(
        'select sum(pg_database_size(oid))::text as bytes from pg_database',
      )
      return Math.round(Number(rows[0]?.bytes) / megabyte)
    }
    await write(Number(megabytes))
    yield await measured('backup', ['backup'], await size())
    await write(Math.ceil(Number(megabytes) / 4))
    yield await measured('drill', ['backup', 'drill', '--work', folder], await size())
  } finally {
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
