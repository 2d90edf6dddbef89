import type pg from 'pg'

/** What an examination found. `note` is worth a look, `broken` must not stay so. */
export interface Examined {
  state: 'ok' | 'note' | 'broken'
  name: string
  detail: string
}

interface Examination {
  name: string
  look: (owner: pg.Pool) => Promise<Omit<Examined, 'name'>>
}

/**
 * Examines how the server does: it reads statistics and catalogues, and no table of ours. What this role may
 * not see is said and hides nothing else.
 */
export async function examineDatabase(owner: pg.Pool): Promise<Examined[]> {
  const found: Examined[] = []
  for (const { name, look } of examinations) {
    try {
      found.push({ name, ...(await look(owner)) })
    } catch (error) {
      const detail = `not seen: ${(error as Error).message}`
      found.push({ name, state: 'note', detail })
    }
  }
  return found
}

const rowsOf = async <Row extends object>(owner: pg.Pool, text: string): Promise<Row[]> =>
  (await owner.query<Row>(text)).rows

/** `ok` with the first sentence when nothing was found, else the state with what was. */
const listed = (
  state: 'note' | 'broken',
  found: readonly string[],
  { none, what }: { none: string; what: string },
): Omit<Examined, 'name'> =>
  found.length === 0
    ? { state: 'ok', detail: none }
    : { state, detail: `${what}: ${found.slice(0, 10).join('; ')}` }

const examinations: readonly Examination[] = [
  {
    name: 'connections',
    async look(owner) {
      const [row] = await rowsOf<{ taken: number; most: number; idle: number; oldest: number }>(
        owner,
        `select (select sum(numbackends) from pg_stat_database)::int as taken,
           current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most,
           count(*) filter (where state = 'idle in transaction')::int as idle,
           coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0)::float as oldest
         from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      )
      const { taken = 0, most = 1, idle = 0, oldest = 0 } = row ?? {}
      const detail = `${taken} of ${most} taken, ${idle} idle in a transaction, the oldest transaction ${oldest.toFixed(0)} s`
      return { state: taken > 0.8 * most || oldest > 3600 ? 'note' : 'ok', detail }
    },
  },
  {
    name: 'cache',
    async look(owner) {
      const [row] = await rowsOf<{ share: number | null; read: number }>(
        owner,
        `select blks_hit::float / nullif(blks_hit + blks_read, 0) as share, blks_read as read
         from pg_stat_database where datname = current_database()`,
      )
      const share = row?.share ?? 1
      const detail = `${(share * 100).toFixed(1)} % of the blocks were found in memory since the statistics began`
      // A young server has read everything once.
      return { state: share < 0.9 && (row?.read ?? 0) > 100_000 ? 'note' : 'ok', detail }
    },
  },
  { name: 'slowest', look: (owner) => statements(owner, 'mean_exec_time') },
  { name: 'most frequent', look: (owner) => statements(owner, 'calls') },
  {
    name: 'dead rows',
    async look(owner) {
      const rows = await rowsOf<{ line: string }>(
        owner,
        `select format('%s %s %%, last vacuumed %s', relname, round(100.0 * n_dead_tup / (n_live_tup + n_dead_tup)),
           coalesce(to_char(greatest(last_vacuum, last_autovacuum) at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), 'never')) as line
         from pg_stat_user_tables
         where n_dead_tup > 10000 and n_dead_tup > 0.2 * n_live_tup order by n_dead_tup desc limit 10`,
      )
      const lines = rows.map(({ line }) => line)
      return listed('note', lines, { none: 'no table has many', what: 'vacuum these' })
    },
  },
  {
    name: 'transaction ids',
    async look(owner) {
      const [row] = await rowsOf<{ age: number; most: number }>(
        owner,
        `select age(datfrozenxid) as age, current_setting('autovacuum_freeze_max_age')::int as most
         from pg_database where datname = current_database()`,
      )
      const { age = 0, most = 1 } = row ?? {}
      const detail = `the oldest is ${age} old; vacuum is forced at ${most}, and the server stops at 2 thousand million`
      return { state: age > 5 * most ? 'broken' : age > 1.5 * most ? 'note' : 'ok', detail }
    },
  },
  {
    name: 'unused indexes',
    async look(owner) {
      const rows = await rowsOf<{ line: string }>(
        owner,
        `select format('%s (%s)', s.indexrelname, pg_size_pretty(pg_relation_size(s.indexrelid))) as line
         from pg_stat_user_indexes s join pg_index i using (indexrelid)
         where s.schemaname = 'nova' and s.idx_scan = 0 and not i.indisunique
           and pg_relation_size(s.indexrelid) > 10 * 1024 * 1024
         order by pg_relation_size(s.indexrelid) desc limit 10`,
      )
      const lines = rows.map(({ line }) => line)
      return listed('note', lines, { none: 'none of size', what: 'never used, and written to' })
    },
  },
  {
    name: 'missing indexes',
    async look(owner) {
      const rows = await rowsOf<{ line: string }>(
        owner,
        `select format('%s read whole %s times, %s rows each', relname, seq_scan, seq_tup_read / seq_scan) as line
         from pg_stat_user_tables
         where schemaname = 'nova' and seq_scan > 1000 and seq_tup_read / seq_scan > 50000
           and seq_scan > coalesce(idx_scan, 0)
         order by seq_tup_read desc limit 10`,
      )
      const lines = rows.map(({ line }) => line)
      return listed('note', lines, { none: 'no large table is read whole often', what: 'look at' })
    },
  },
  {
    name: 'replication',
    async look(owner) {
      const rows = await rowsOf<{ line: string; late: boolean }>(
        owner,
        `select format('%s %s, %s s behind', application_name, state,
             coalesce(round(extract(epoch from replay_lag)), 0)) as line,
           coalesce(replay_lag > interval '100 s', false) as late from pg_stat_replication
         union all
         select format('slot %s is not used and keeps %s of log', slot_name,
           pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))), true
         from pg_replication_slots where not active`,
      )
      const detail =
        rows.length > 0 ? rows.map(({ line }) => line).join('; ') : 'no replica follows'
      return { state: rows.some(({ late }) => late) ? 'note' : 'ok', detail }
    },
  },
  {
    name: 'sequences',
    async look(owner) {
      const rows = await rowsOf<{ line: string }>(
        owner,
        `select format('%s has used %s %%', sequencename, round(100.0 * last_value / max_value)) as line
         from pg_sequences where last_value > max_value / 2`,
      )
      const lines = rows.map(({ line }) => line)
      return listed('broken', lines, { none: 'none is half used', what: 'widen' })
    },
  },
  {
    name: 'months ahead',
    async look(owner) {
      const [row] = await rowsOf<{ ahead: number; stray: boolean }>(
        owner,
        `select count(*) filter (where pg_get_expr(c.relpartbound, c.oid) ~ to_char(now() + interval '1 month', 'YYYY-MM'))::int as ahead,
           exists (select from nova.events_default) as stray
         from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'nova.events'::regclass`,
      )
      if (row?.stray) return { state: 'broken', detail: 'events lie in the default partition' }
      return row && row.ahead > 0
        ? { state: 'ok', detail: 'events of the next month have their partition' }
        : { state: 'note', detail: 'there is no partition for the next month: a worker makes it' }
    },
  },
]

/** The texts are PostgreSQL's, with `$1` where values were. */
async function statements(
  owner: pg.Pool,
  order: 'mean_exec_time' | 'calls',
): Promise<Omit<Examined, 'name'>> {
  const [has] = await rowsOf<{ there: boolean }>(
    owner,
    `select to_regclass('pg_stat_statements') is not null as there`,
  )
  if (!has?.there) {
    const detail =
      "unknown: shared_preload_libraries = 'pg_stat_statements' and create extension pg_stat_statements show them"
    return { state: 'note', detail }
  }
  const rows = await rowsOf<{ line: string }>(
    owner,
    `select format('%s ms × %s: %s', round(mean_exec_time::numeric, 1), calls,
       left(regexp_replace(query, '\\s+', ' ', 'g'), 90)) as line
     from pg_stat_statements s join pg_database d on d.oid = s.dbid
     where d.datname = current_database() order by ${order} desc limit 10`,
  )
  return { state: 'ok', detail: rows.map(({ line }) => line).join('\n      ') || 'none yet' }
}
