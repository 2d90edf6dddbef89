import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** One numbered SQL file; the part after its Down marker is for people who take it back by hand. */
export interface MigrationFile {
  /** The file's name without `.sql`, as the database remembers it. */
  name: string
  path: string
  up: string
  /** Of the whole file. */
  sha256: string
}

const namePattern = /^\d{4}-[a-z0-9-]+\.sql$/
const downMarker = /^-- Down Migration\s*$/m

/** All migrations of a folder in their order. Throws Error for a name that has no order. */
export async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  const misnamed = names.find((name) => !namePattern.test(name))
  if (misnamed) throw new Error(`migration ${misnamed} is not named like 0001-what-it-does.sql`)
  return Promise.all(
    names.map(async (file) => {
      const path = join(folder, file)
      const text = await readFile(path, 'utf8')
      const [up = ''] = text.split(downMarker)
      const sha256 = createHash('sha256').update(text).digest('hex')
      return { name: basename(file, '.sql'), path, up, sha256 }
    }),
  )
}

/** The migration with the record of its checksum, which so commits or rolls back with it. */
export function sqlWithChecksum({ name, up, sha256 }: MigrationFile, schema: string): string {
  // Name and checksum are letters, digits and hyphens by the patterns above.
  return `${up}
;create table if not exists ${schema}.migration_checksums (name text primary key, sha256 text not null);
insert into ${schema}.migration_checksums (name, sha256) values ('${name}', '${sha256}');`
}
