import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import checksums from './checksums.json' with { type: 'json' }

/** The functions, views and rights of the database, one file each under `src/store/sql`. */
export interface SqlTree {
  /** Grows with every released change, so that a server of before leaves a newer database alone. */
  revision: number
  /** Covers the name and the text of each file. */
  sha256: string
  files: readonly SqlFile[]
}

export interface SqlFile {
  /** Like `usage/plan-of`. */
  name: string
  text: string
}

/** The SQL that comes with this source tree, wherever it is started from. */
const sqlFolder = fileURLToPath(new URL('../sql', import.meta.url))

/** Reads the tree. Throws Error where a folder cannot be read. */
export async function readSqlTree(folder = sqlFolder): Promise<SqlTree> {
  const names = (await readdir(folder, { recursive: true }))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -'.sql'.length).replaceAll('\\', '/'))
    .toSorted()
  const files = await Promise.all(
    names.map(async (name) => ({
      name,
      text: await readFile(join(folder, `${name}.sql`), 'utf8'),
    })),
  )
  const hash = createHash('sha256')
  for (const { name, text } of files) hash.update(JSON.stringify([name, text]))
  return { revision: checksums.sql.revision, sha256: hash.digest('hex'), files }
}

const viewOf = ({ text }: SqlFile): string | undefined =>
  /^create or replace view (\w+\.\w+)/m.exec(text)?.[1]

/**
 * One script that installs the whole tree, to be run in a transaction by the owner of the schema. Views come
 * last and are made anew, since a view cannot lose a column; the views of the projections come before them.
 */
export function installScript({ revision, sha256, files }: SqlTree): string {
  const others = files.filter((file) => viewOf(file) === undefined)
  const views = inOrderOfUse(files.filter((file) => viewOf(file) !== undefined))
  return [
    // Bodies may name what comes later in the script.
    'set local check_function_bodies = off;',
    'set local client_min_messages = warning;',
    'grant create on schema nova to nova_keeper;',
    ...others.map(({ text }) => text),
    'revoke create on schema nova from nova_keeper;',
    ...views.toReversed().map((view) => `drop view if exists ${viewOf(view)};`),
    `select nova.open_projection_table(table_name), case status when 'live' then
       nova.publish_projection(name, table_name) end
     from (select name, status, format('nova.%I', name || '_g' || generation)::regclass as table_name
       from nova.projections where status <> 'retired') as p;`,
    ...views.map(({ text }) => text),
    'create table if not exists nova_meta.sql_tree (revision int not null, sha256 text not null);',
    'delete from nova_meta.sql_tree;',
    // Both are ours: a number and letters of a hash.
    `insert into nova_meta.sql_tree values (${revision}, '${sha256}');`,
    // Before anything is written: an event without a partition of its month keeps that from being made.
    ...(others.some(({ name }) => name === 'events/ensure-event-partitions')
      ? ['select nova.ensure_event_partitions(2);']
      : []),
  ].join('\n')
}

/** A view after those that it reads. Throws Error when two views read each other. */
function inOrderOfUse(views: readonly SqlFile[]): SqlFile[] {
  const waiting = new Set(views)
  const ordered: SqlFile[] = []
  while (waiting.size > 0) {
    const ready = [...waiting].filter(
      (view) =>
        ![...waiting].some((other) => other !== view && view.text.includes(`${viewOf(other)} `)),
    )
    if (ready.length === 0) throw new Error('views that read each other cannot be installed')
    for (const view of ready) {
      ordered.push(view)
      waiting.delete(view)
    }
  }
  return ordered
}
