import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { StreamHead } from '../../store/archives/heads-file.ts'
import type { Database } from '../../store/database/database.ts'
import { processStart } from '../../store/embedded/process-start.ts'
import { type CliCall, Stopped, UsageError } from '../command.ts'
import { linesOf, writeLines } from '../events/line-files.ts'
import { numberOption } from '../terminal/number-option.ts'
import { backupPath } from './backup-path.ts'
import { checkCopy, type DrillCheck, type Expected } from './drill-checks.ts'

/** How long the live server may take to archive what it has just written. */
const archiveWaitMs = 120_000

/** Proves that the backups can be restored; exit code 1 at any doubt. */
export async function drill(call: CliCall): Promise<number> {
  const settings = call.settings()
  const url = call.option('url')
  if (url !== undefined && call.option('dir') !== undefined) {
    throw new UsageError('--url checks a copy that was restored elsewhere; leave --dir out.')
  }
  const bounds = {
    rto: numberOption(call, 'max-rto', { min: 1, max: 1_000_000 }),
    rpo: numberOption(call, 'max-rpo', { min: 1, max: 1_000_000 }),
  }
  const { openDatabase } = await import('../../store/database/database.ts')
  const live = await openDatabase(settings, { unhurried: true })
  try {
    const drilled = url
      ? await drillCopy(call, settings, { live, url })
      : await drillBackup(call, settings, live)
    return conclude(call, drilled, bounds)
  } catch (error) {
    if (call.stopping.aborted) throw new Stopped('Nothing was left behind.')
    throw error
  } finally {
    await live.close()
  }
}

interface Drilled {
  checks: DrillCheck[]
  /** Seconds of work that a loss would have taken. */
  rpo: number
  /** Seconds until the copy served; null where somebody else restored it. */
  rto: number | null
}

/** Restores the newest backup to a server of its own, which is gone afterwards whatever happens. */
async function drillBackup(call: CliCall, settings: Config, live: Database): Promise<Drilled> {
  const [progress, folders, { chooseBackup }, { restoreBackup }, { openDatabase }] =
    await Promise.all([
      import('../../store/backups/archive-progress.ts'),
      import('../../store/backups/backup-folder.ts'),
      import('../../store/backups/choose-backup.ts'),
      import('../../store/backups/restore-backup.ts'),
      import('../../store/database/database.ts'),
    ])
  const { terminal, stopping } = call
  const folder = folders.openBackupFolder(backupPath(call, settings))
  const exposed = await progress.archiveProgress(live.owner, folder)
  const work = makeWorkFolder(call.option('work') ?? tmpdir())
  try {
    terminal.status('Noting what is live …')
    const expected = await expect(live, join(work, 'heads.jsonl'))
    const lsn = await progress.archiveUntilNow(live.owner, folder, {
      waitMs: archiveWaitMs,
      signal: stopping,
    })
    const backup = chooseBackup(folder, { target: { lsn } })
    terminal.print(`Backup ${backup.id}, restored up to now`)
    const began = performance.now()
    const parent = join(work, 'restored')
    mkdirSync(parent, { mode: 0o711 })
    const { server } = await restoreBackup(folder, backup, {
      parent,
      target: { lsn },
      signal: stopping,
      onBytes: (done) => terminal.status(`Restoring … ${megabytes(done)} MB`),
    })
    const rto = (performance.now() - began) / 1000
    try {
      const { user, host, port, database } = server.config
      const address = `${encodeURIComponent(user)}@${encodeURIComponent(host)}:${port}`
      const copy = await openDatabase(
        {
          ...settings,
          CLOUD_SQL_INSTANCE: undefined,
          DATABASE_URL: `postgres://${address}/${encodeURIComponent(database)}`,
        },
        { unhurried: true },
      )
      try {
        const checks = await runChecks(call, { live, copy }, expected)
        return { checks, rpo: exposed.exposedSeconds, rto }
      } finally {
        await copy.close()
      }
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Checks a copy that a managed service restored. */
async function drillCopy(
  call: CliCall,
  settings: Config,
  { live, url }: { live: Database; url: string },
): Promise<Drilled> {
  const { openDatabase } = await import('../../store/database/database.ts')
  const copy = await openDatabase(
    { ...settings, CLOUD_SQL_INSTANCE: undefined, DATABASE_URL: url },
    { unhurried: true },
  )
  try {
    if (await isSameDatabase(live, copy)) {
      throw new UsageError('--url names the live database; name the restored copy.')
    }
    // As text: a Date has no microseconds, and the newest event would be newer than itself.
    const { rows } = await copy.projector.query<{ newest: string | null }>(
      'select max(recorded_at)::text as newest from nova.events',
    )
    const newest = rows[0]?.newest
    const lost = await live.projector.query<{ lost: number; seconds: number | null }>(
      `select count(*) as lost, extract(epoch from clock_timestamp() - min(recorded_at))::float as seconds
       from nova.events where recorded_at > coalesce($1, '-infinity'::timestamptz)`,
      [newest ?? null],
    )
    const { lost: events = 0, seconds = 0 } = lost.rows[0] ?? {}
    call.terminal.print(`The copy lacks ${events} events that came after its moment`)
    const checks = await runChecks(call, { live, copy }, undefined)
    return { checks, rpo: seconds ?? 0, rto: null }
  } finally {
    await copy.close()
  }
}

/** A lock taken in one is held in the other only when they are the same. */
async function isSameDatabase(live: Database, copy: Database): Promise<boolean> {
  const key = Math.floor(Math.random() * 2 ** 48)
  const client = await live.owner.connect()
  try {
    await client.query('select pg_advisory_lock($1::bigint)', [key])
    const { rows } = await copy.owner.query<{ free: boolean }>(
      'select pg_try_advisory_xact_lock($1::bigint) as free',
      [key],
    )
    return rows[0]?.free !== true
  } finally {
    client.release(true)
  }
}

async function runChecks(
  { terminal, stopping }: CliCall,
  databases: { live: Database; copy: Database },
  expected: Expected | undefined,
): Promise<DrillCheck[]> {
  const checks: DrillCheck[] = []
  for await (const check of checkCopy(databases, expected)) {
    stopping.throwIfAborted()
    checks.push(check)
    const mark = check.ok ? terminal.paint('green', 'ok  ') : terminal.paint('red', 'FAIL')
    terminal.print(`  ${mark}  ${check.name}: ${check.detail}`)
  }
  return checks
}

/** The end of every stream, in a file: there may be millions. */
async function expect(live: Database, file: string): Promise<Expected> {
  const { takeHeads } = await import('../../store/archives/take-heads.ts')
  const { taken, heads } = await takeHeads(live.owner)
  await writeLines(file, linesOfHeads(heads))
  return { bodiesBefore: new Date(taken.taken_at), heads: () => headsIn(file) }
}

async function* linesOfHeads(heads: AsyncIterable<StreamHead>): AsyncGenerator<string> {
  for await (const head of heads) yield JSON.stringify(head)
}

async function* headsIn(file: string): AsyncGenerator<StreamHead> {
  for await (const line of linesOf(file)) yield JSON.parse(line) as StreamHead
}

function conclude(
  { terminal }: CliCall,
  { checks, rpo, rto }: Drilled,
  bounds: { rto: number | undefined; rpo: number | undefined },
): number {
  const failed = checks.filter(({ ok }) => !ok).length
  const late = [
    bounds.rpo !== undefined && rpo > bounds.rpo && `RPO is over ${bounds.rpo} s`,
    bounds.rto !== undefined && rto !== null && rto > bounds.rto && `RTO is over ${bounds.rto} s`,
  ].filter((line) => typeof line === 'string')
  const times = [`RPO ${rpo.toFixed(1)} s`, ...(rto === null ? [] : [`RTO ${rto.toFixed(1)} s`])]
  terminal.print(times.join(', '))
  for (const line of late) terminal.complain(line)
  if (failed > 0) terminal.complain(`${failed} of ${checks.length} checks failed.`)
  const isProved = failed === 0 && late.length === 0
  if (isProved) terminal.print(`The backups can be restored: ${checks.length} checks passed.`)
  return isProved ? 0 : 1
}

/**
 * A folder that PostgreSQL, which may run as another user, can pass. Its name says whose it is: what drills
 * that were killed left behind is removed first.
 */
function makeWorkFolder(parent: string): string {
  for (const name of readdirSync(parent)) {
    const [, pid, start] = /^nova-drill-(\d+)-(\d+)-\w+$/.exec(name) ?? []
    if (pid && processStart(Number(pid)) !== start) {
      rmSync(join(parent, name), { recursive: true, force: true })
    }
  }
  const work = mkdtempSync(join(parent, `nova-drill-${process.pid}-${processStart(process.pid)}-`))
  chmodSync(work, 0o711)
  return work
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
