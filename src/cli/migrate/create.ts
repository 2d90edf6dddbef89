import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../../errors.ts'
import { type CliCall, UsageError } from '../command.ts'

const template = `-- Up Migration


-- Down Migration

`

/** Writes an empty migration whose name puts it after all others of the folder, ours unless said. Throws OUTPUT_FILE_UNWRITABLE. */
export async function create(
  { terminal }: CliCall,
  name: string | undefined,
  folder?: string,
): Promise<number> {
  if (name === undefined || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw new UsageError(
      'nova migrate create takes a name of small letters, digits and hyphens.',
      'Such as: nova migrate create article-languages',
    )
  }
  const { migrationsFolder, readMigrations } = await import(
    '../../store/database/migration-files.ts'
  )
  const into = folder ?? migrationsFolder
  const newest = (await readMigrations(into)).at(-1)?.name.slice(0, 14) ?? ''
  const now = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const stamp = now > newest ? now : String(Number(newest) + 1)
  const path = join(into, `${stamp}-${name}.sql`)
  try {
    await writeFile(path, template, { flag: 'wx' })
  } catch (cause) {
    throw new Refusal('OUTPUT_FILE_UNWRITABLE', { path }, { cause })
  }
  terminal.print(path)
  terminal.print('Fill in both parts, then: npm run db:checksums && npm run db:dump')
  return 0
}
