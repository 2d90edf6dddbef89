import assert from 'node:assert/strict'
import { projections } from '../../src/projections/registry.ts'
import { takeOutMonth } from '../../src/store/archives/archive-events.ts'
import { archiveLines, readArchive } from '../../src/store/archives/archive-lines.ts'
import { bringBackMonth } from '../../src/store/archives/bring-back-month.ts'
import type { Database } from '../../src/store/database/database.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'

/** When months of the past are archived, and what is older than that may leave. */
const now = new Date('2026-05-01T12:00:00.000Z')
const before = '2026-01'

/** Takes all that may leave of a month out; the lines of its file. */
export async function archiveMonth(database: Database, month: string): Promise<string[]> {
  for (const projection of projections) {
    const end = await drainProjection(database.projector, projection)
    assert.equal(end.kind, 'folded', JSON.stringify(end))
  }
  const leaving = { month, part: 'all' as const, before }
  const lines: string[] = []
  for await (const line of archiveLines(database.projector, leaving, now)) lines.push(line)
  const content = await readArchive(linesOf(lines))
  assert.ok(content)
  await takeOutMonth(database, leaving, content)
  return lines
}

/** Brings a month back from the lines of its file. */
export const attachMonth = (database: Database, lines: readonly string[]) =>
  bringBackMonth(database.owner, 'file', linesOf(lines))

async function* linesOf(lines: readonly string[]) {
  yield* lines
}
