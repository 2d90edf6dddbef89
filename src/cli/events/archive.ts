import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '../../errors.ts'
import type { MonthContent } from '../../store/archive-events.ts'
import { type CliCall, UsageError } from '../command.ts'
import { openStore, type Store } from '../open-store.ts'
import { linesOf, writeLines } from './line-files.ts'

/**
 * Writes each old month of usage events to a compressed file with a manifest, reads the file back, and
 * only then takes the events out. Stopped in between it goes on with the next call.
 */
export async function archiveTo(call: CliCall): Promise<number> {
  const folder = call.positionals[1] ?? ''
  const before = call.option('before') ?? ''
  const thisMonth = new Date().toISOString().slice(0, 7)
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(before) || before > thisMonth) {
    throw new UsageError(`nova events archive needs --before with a month up to ${thisMonth}.`)
  }
  const [archives, { projections }] = await Promise.all([
    import('../../store/archive-events.ts'),
    import('../../projections/registry.ts'),
  ])
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new Refusal('OUTPUT_FILE_UNWRITABLE', { path: folder }, { cause })
  })
  const store = await openStore(call.settings())
  try {
    for (const { name } of projections) await store.project(name)
    const months = await archives.monthsWithUsage(store.database.owner, before)
    for (const month of months) {
      if (call.stopping.aborted) return 130
      const { path, events } = await archiveMonth(store, archives, folder, month)
      call.terminal.print(`${month}: ${events} usage events in ${path}`)
    }
    if (months.length === 0) call.terminal.print(`No usage events of before ${before}.`)
    return 0
  } finally {
    await store.close()
  }
}

type Archives = typeof import('../../store/archive-events.ts')

async function archiveMonth(store: Store, archives: Archives, folder: string, month: string) {
  const file = `nova-usage-${month}.jsonl.gz`
  const path = join(folder, file)
  await writeLines(path, archives.usageLines(store.database.projector, month, new Date()))
  const content = await archives.readArchive(linesOf(path))
  if (!content) {
    throw new Refusal('ARCHIVE_NOT_READY', { month, problem: `${path} could not be read back` })
  }
  await writeManifest(path, file, content)
  await archives.takeOutUsage(store.database, month, content)
  return { path, events: content.events }
}

/** For whoever keeps the file: what it holds, and the hash that `sha256sum` must show. */
async function writeManifest(
  path: string,
  file: string,
  content: MonthContent & { month: string },
): Promise<void> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  const manifest = {
    file,
    sha256: hash.digest('hex'),
    month: content.month,
    events: content.events,
    first_position: content.firstPosition,
    last_position: content.lastPosition,
    digest: content.digest,
  }
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  await writeFile(path.replace(/\.jsonl\.gz$/, '.manifest.json'), text, { mode: 0o600 })
}
