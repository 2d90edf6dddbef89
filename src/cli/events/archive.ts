import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '../../errors.ts'
import { monthPattern } from '../../events/storable.ts'
import type { LeavingMonth, MonthContent } from '../../store/archives/archive-lines.ts'
import type { ArchivePart } from '../../store/archives/event-archives.ts'
import { type CliCall, UsageError } from '../command.ts'
import { openStore, type Store } from '../setup/open-store.ts'
import { linesOf, writeLines } from './line-files.ts'

/**
 * Writes each old month to a compressed file with a manifest, reads the file back, and only then takes its
 * events out. Stopped in between it goes on with the next call.
 */
export async function archiveTo(call: CliCall): Promise<number> {
  const folder = call.positionals[1] ?? ''
  const part = call.flag('all') ? 'all' : 'usage'
  const before = firstStayingMonth(call, part)
  const [{ nextToArchive }, { projections }] = await Promise.all([
    import('../../store/archives/archive-events.ts'),
    import('../../projections/registry.ts'),
  ])
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new Refusal('OUTPUT_FILE_UNWRITABLE', { path: folder }, { cause })
  })
  await using store = await openStore(call.settings())
  for (const { name } of projections) await store.project(name)
  let after: string | null = null
  const next = () => nextToArchive(store.database.owner, { part, before, after })
  for (let month = await next(); month !== null; month = await next()) {
    if (call.stopping.aborted) return 130
    const { path, events } = await archiveMonth(store, folder, { month, part, before })
    call.terminal.print(`${month}: ${events} ${named[part]} in ${path}`)
    after = month
  }
  if (after === null) call.terminal.print(`No ${named[part]} to archive before ${before}.`)
  return 0
}

const named = { usage: 'usage events', all: 'events' }

/** Usage of closed months may leave; what people work with only once it has rested for a month. */
function firstStayingMonth(call: CliCall, part: ArchivePart): string {
  const before = call.option('before') ?? ''
  const now = new Date()
  const monthsBack = part === 'all' ? 1 : 0
  const latest = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - monthsBack))
    .toISOString()
    .slice(0, 7)
  if (!monthPattern.test(before) || before > latest) {
    throw new UsageError(`nova events archive needs --before with a month up to ${latest}.`)
  }
  return before
}

async function archiveMonth(store: Store, folder: string, leaving: LeavingMonth) {
  const [{ takeOutMonth }, { archiveLines, readArchive }] = await Promise.all([
    import('../../store/archives/archive-events.ts'),
    import('../../store/archives/archive-lines.ts'),
  ])
  const { month, part } = leaving
  const file = `nova-${part === 'usage' ? 'usage' : 'events'}-${month}.jsonl.gz`
  const path = join(folder, file)
  await writeLines(path, archiveLines(store.database.projector, leaving, new Date()))
  const content = await readArchive(linesOf(path))
  if (!content) {
    throw new Refusal('ARCHIVE_NOT_READY', { month, problem: `${path} could not be read back` })
  }
  await writeManifest(path, file, content)
  await takeOutMonth(store.database, leaving, content)
  return { path, events: content.events }
}

/** For the person who keeps the file: what it holds, and the hash that `sha256sum` must show. */
async function writeManifest(path: string, file: string, content: MonthContent): Promise<void> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  const manifest = {
    file,
    sha256: hash.digest('hex'),
    month: content.month,
    part: content.part,
    events: content.events,
    first_position: content.firstPosition,
    last_position: content.lastPosition,
    digest: content.digest,
  }
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  await writeFile(path.replace(/\.jsonl\.gz$/, '.manifest.json'), text, { mode: 0o600 })
}
