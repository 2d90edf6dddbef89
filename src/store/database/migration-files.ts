import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One SQL file named with a time stamp: how to go up, and how to go back down. */
export interface MigrationFile {
  /** The file's name without `.sql`, as the database remembers it. */
  name: string
  path: string
  up: string
  down: string
  /** The hash of the whole file. */
  sha256: string
}

/** The migrations that come with this source tree, wherever it is started from. */
export const migrationsFolder = fileURLToPath(new URL('../../../migrations', import.meta.url))

const namePattern = /^\d{14}-[a-z0-9-]+\.sql$/
const downMarker = /^-- Down Migration\s*$/m

/** All migrations of a folder in their order. Throws Error for a name that has no order. */
export async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  const misnamed = names.find((name) => !namePattern.test(name))
  if (misnamed)
    throw new Error(`migration ${misnamed} is not named like 20261127000100-what-it-does.sql`)
  return Promise.all(
    names.map(async (file) => {
      const path = join(folder, file)
      const text = await readFile(path, 'utf8')
      const [up = '', down = ''] = text.split(downMarker)
      const sha256 = createHash('sha256').update(text).digest('hex')
      return { name: basename(file, '.sql'), path, up, down, sha256 }
    }),
  )
}

/** The way up with the record of its checksum, which so commits or rolls back with it. */
export const sqlUp = ({ name, up, sha256 }: MigrationFile): string =>
  // Name and checksum are letters, digits and hyphens by the patterns above.
  `${up}
;create table if not exists nova_meta.migration_checksums (name text primary key, sha256 text not null);
insert into nova_meta.migration_checksums (name, sha256) values ('${name}', '${sha256}');`

/** The way down. Which SQL is installed is forgotten, so that the server that starts next installs its own. */
export const sqlDown = ({ name, down }: MigrationFile): string =>
  `${down}
;delete from nova_meta.migration_checksums where name = '${name}';
drop table if exists nova_meta.sql_tree;`
