import { type MigrationFile, sqlUp } from './migration-files.ts'
import { installScript, type SqlTree } from './sql-tree.ts'

/**
 * Everything as one script for an empty database, or for one that has been migrated up to `after`: what a
 * server would run, with the same records, for people who run it by hand. Throws Error for an unknown name.
 */
export function migrationScript(
  files: readonly MigrationFile[],
  tree: SqlTree,
  after?: string,
): string {
  const from = after === undefined ? 0 : files.findIndex(({ name }) => name === after) + 1
  if (after !== undefined && from === 0) throw new Error(`there is no migration ${after}`)
  return [
    'begin;',
    "set local lock_timeout = '5s';",
    recordTables,
    ...files.slice(from).flatMap((file) => [sqlUp(file), recordOf(file)]),
    installScript(tree),
    'commit;',
  ].join('\n')
}

/** The tables of node-pg-migrate and ours, where they are missing. */
export const recordTables = `create schema if not exists nova_meta;
create table if not exists nova_meta.migrations (
  id serial primary key, name varchar(255) not null, run_on timestamp not null);
create table if not exists nova_meta.migration_checksums (name text primary key, sha256 text not null);`

// Names are digits, letters and hyphens.
const recordOf = ({ name }: MigrationFile): string =>
  `insert into nova_meta.migrations (name, run_on) select '${name}', now()
   where not exists (select from nova_meta.migrations where name = '${name}');`

/** Records a migration as applied without running it. */
export const stampOf = (file: MigrationFile): string =>
  `${recordOf(file)}
insert into nova_meta.migration_checksums (name, sha256) values ('${file.name}', '${file.sha256}')
  on conflict do nothing;`
