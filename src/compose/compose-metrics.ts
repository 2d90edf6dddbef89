import { type Config, isLoopback } from '../config.ts'
import { Refusal } from '../errors.ts'
import { createMetrics } from '../http/metrics/create-metrics.ts'
import type { OfferedMetrics } from '../http/metrics/offered-metrics.ts'
import type { BackupFigures } from '../http/metrics/read-at-scrape.ts'
import { serveMetrics } from '../http/metrics/serve-metrics.ts'
import { newestArchived } from '../store/backups/archive-progress.ts'
import { listBackups, openBackupFolder } from '../store/backups/backup-folder.ts'
import type { Database } from '../store/database/database.ts'
import { readServerFigures } from '../store/database/server-figures.ts'
import type { ProjectionGate } from '../store/projections/projection-status.ts'

/**
 * Counts and offers the figures of this process when a setting asks for them: on a port of their own, or as an
 * address of the server, which the answer is for. Throws Refusal CONFIG_INVALID or PORT_IN_USE.
 */
export async function composeMetrics(
  config: Config,
  { database, gate }: { database: Database; gate: ProjectionGate },
  closing: AsyncDisposableStack,
): Promise<OfferedMetrics | null> {
  const { NOVA_METRICS_PORT: port, NOVA_METRICS_TOKEN: token, NOVA_BACKUP_DIR: backups } = config
  if (port === undefined && token === undefined) return null
  if (token === undefined && !isLoopback(config.SERVER_HOST)) {
    const problem = 'NOVA_METRICS_PORT beyond loopback needs NOVA_METRICS_TOKEN.'
    throw new Refusal('CONFIG_INVALID', { problem })
  }
  const metrics = createMetrics({
    pools: () => database.pools(),
    server: () => readServerFigures(database.owner),
    projections: () => gate.status(),
    backups: backups === undefined ? null : () => backupFigures(backups),
  })
  closing.defer(() => metrics.stop())
  const offered = { metrics, token }
  if (port === undefined) return offered
  const served = await serveMetrics(offered, { host: config.SERVER_HOST, port })
  closing.defer(() => served.close())
  return null
}

/** Null while there is no backup. */
function backupFigures(path: string): BackupFigures | null {
  try {
    const folder = openBackupFolder(path)
    const newest = listBackups(folder).at(-1)
    if (!newest) return null
    const since = (at: number) => Math.max(0, Date.now() - at) / 1000
    return {
      ageSeconds: since(Date.parse(newest.stopped_at)),
      archiveBehindSeconds: since(newestArchived(folder).at),
    }
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
