import { Counter, Gauge, type Registry } from 'prom-client'
import type { PoolFigures } from '../../store/database/database.ts'
import type { ServerFigures } from '../../store/database/server-figures.ts'
import type { ProjectionStatus } from '../../store/projections/projection-status.ts'

/** The state of the backups, where this process knows their folder. */
export interface BackupFigures {
  ageSeconds: number
  archiveBehindSeconds: number
}

/** What is asked when somebody scrapes. */
export interface MetricsSources {
  pools: () => PoolFigures[]
  server: () => Promise<ServerFigures>
  projections: () => Promise<ProjectionStatus[]>
  backups: (() => BackupFigures | null) | null
}

/**
 * Figures of the moment, read by the answer before each scrape. It never throws: a database that does not
 * answer shows in `nova_up`, and what the process itself counted is told all the same.
 */
export function readAtScrape(registry: Registry, sources: MetricsSources): () => Promise<void> {
  const registers = [registry]
  const gauge = <Label extends string = never>(name: string, help: string, labels: Label[] = []) =>
    new Gauge<Label>({ name, help, labelNames: labels, registers })
  const lag = gauge('nova_projection_lag_positions', 'Positions not folded yet.', ['projection'])
  const seen = gauge('nova_projection_events', 'Events folded; its rate is the speed.', [
    'projection',
  ])
  const stopped = gauge('nova_projection_stopped', '1: it stands before an event.', ['projection'])
  const connections = gauge('nova_db_connections', 'Connections of the database server.')
  const connectionsMax = gauge('nova_db_connections_max', 'Those that ordinary roles may take.')
  const longest = gauge('nova_db_longest_query_seconds', 'The statement that runs longest.')
  const bytes = gauge('nova_db_size_bytes', 'Size of the database.')
  const replicaLag = gauge('nova_db_replica_lag_seconds', 'How late a replica is.', ['replica'])
  const jobs = gauge('nova_jobs', 'Jobs that have not ended.', ['queue', 'state'])
  const pool = gauge('nova_pool_connections', 'Connections of this process.', ['pool', 'state'])
  const waiting = gauge('nova_pool_waiting', 'Who waits for a connection.', ['pool'])
  const age = gauge('nova_backup_age_seconds', 'Age of the newest backup.')
  const behind = gauge('nova_backup_archive_behind_seconds', 'Age of the newest archived log.')
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  const hit = counter('nova_db_blocks_hit_total', 'Blocks found in shared memory.')
  const read = counter('nova_db_blocks_read_total', 'Blocks that were not.')
  const deadlocks = counter('nova_db_deadlocks_total', 'Transactions that waited for each other.')
  const failures = counter('nova_db_archive_failures_total', 'Log files that were not archived.')

  /** The database counts since it was started; its counters replace ours. */
  const setTo = (metric: Counter, value: number) => {
    metric.reset()
    metric.inc(value)
  }
  const perName = [lag, seen, stopped, replicaLag, jobs, pool, waiting]
  const collect = async () => {
    for (const metric of perName) metric.reset()
    for (const { pool: name, busy, idle, waiting: inLine } of sources.pools()) {
      pool.set({ pool: name, state: 'busy' }, busy)
      pool.set({ pool: name, state: 'idle' }, idle)
      waiting.set({ pool: name }, inLine)
    }
    const backups = sources.backups?.()
    if (backups) {
      age.set(backups.ageSeconds)
      behind.set(backups.archiveBehindSeconds)
    }
    const [server, projections] = await Promise.all([sources.server(), sources.projections()])
    connections.set(server.connections)
    connectionsMax.set(server.connectionsMax)
    longest.set(server.longestQuerySeconds)
    bytes.set(server.bytes)
    setTo(hit, server.blocksHit)
    setTo(read, server.blocksRead)
    setTo(deadlocks, server.deadlocks)
    setTo(failures, server.archiveFailures)
    for (const { name, lagSeconds } of server.replicas)
      replicaLag.set({ replica: name }, lagSeconds)
    for (const { queue, state, jobs: count } of server.jobs) jobs.set({ queue, state }, count)
    for (const { name, status, lag: late, events_seen, failed_position } of projections) {
      if (status !== 'live') continue
      lag.set({ projection: name }, late)
      seen.set({ projection: name }, events_seen)
      stopped.set({ projection: name }, failed_position === null ? 0 : 1)
    }
  }
  const up = gauge('nova_up', '1 when the database answered this scrape.')
  return async () => {
    try {
      await collect()
      up.set(1)
    } catch {
      up.set(0)
    }
  }
}
