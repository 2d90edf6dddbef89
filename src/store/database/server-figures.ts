import type pg from 'pg'
import { translateDatabaseError } from './database-error.ts'

/** What the database server says of itself, for whoever watches it. */
export interface ServerFigures {
  connections: number
  /** Those that ordinary roles may take. */
  connectionsMax: number
  /** How long the statement has run that runs longest, of those this role may see. */
  longestQuerySeconds: number
  blocksHit: number
  blocksRead: number
  bytes: number
  deadlocks: number
  /** Files of the log that could not be archived, since the statistics began. */
  archiveFailures: number
  /** Replicas that follow this server; only a role with pg_monitor sees how far. */
  replicas: { name: string; lagSeconds: number }[]
  /** Jobs that have not ended, by queue and state. */
  jobs: { queue: string; state: string; jobs: number }[]
}

/** One statement, over the statistics that are kept anyway: it reads no table of ours but the queue. */
export async function readServerFigures(owner: pg.Pool): Promise<ServerFigures> {
  try {
    const { rows } = await owner.query<{ figures: ServerFigures }>(
      `select json_build_object(
         'connections', (select sum(numbackends) from pg_stat_database),
         'connectionsMax', current_setting('max_connections')::int
           - current_setting('superuser_reserved_connections')::int,
         'longestQuerySeconds', (select coalesce(max(extract(epoch from clock_timestamp() - query_start)), 0)
           from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and datname = current_database()),
         'blocksHit', d.blks_hit, 'blocksRead', d.blks_read, 'deadlocks', d.deadlocks,
         'bytes', pg_database_size(d.datid),
         'archiveFailures', (select failed_count from pg_stat_archiver),
         'replicas', coalesce((select json_agg(json_build_object('name', application_name,
             'lagSeconds', coalesce(extract(epoch from replay_lag), 0)))
           from pg_stat_replication where state = 'streaming'), '[]'),
         'jobs', coalesce((select json_agg(json_build_object('queue', name, 'state', state, 'jobs', jobs))
           from (select name, state, count(*) as jobs from pgboss.job
             where state < 'completed' group by name, state) as waiting), '[]')) as figures
       from pg_stat_database d where d.datname = current_database()`,
    )
    const [row] = rows
    if (!row) throw new Error('the server keeps no statistics of this database')
    return row.figures
  } catch (error) {
    throw translateDatabaseError(error)
  }
}
