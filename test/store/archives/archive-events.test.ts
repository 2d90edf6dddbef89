import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { Refusal } from '../../../src/errors.ts'
import { projections } from '../../../src/projections/registry.ts'
import { usageOf } from '../../../src/projections/usage/usage.ts'
import { nextToArchive, takeOutMonth } from '../../../src/store/archives/archive-events.ts'
import { archiveLines, readArchive } from '../../../src/store/archives/archive-lines.ts'
import { bringBackMonth } from '../../../src/store/archives/bring-back-month.ts'
import { exportEvents } from '../../../src/store/archives/export-events.ts'
import { verifyEvents } from '../../../src/store/archives/verify-events.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { rebuildProjection } from '../../../src/store/projections/rebuild-projection.ts'
import { appendTo } from '../../support/append-to.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { appendOldUsage } from '../../support/old-usage.ts'
import { rowsOf } from '../../support/projection-rows.ts'

const now = new Date('2026-05-01T12:00:00.000Z')
const months = ['2025-11', '2025-12']

/** Two old months of two users; calls of each month are settled in the next. */
async function world(options: { folded: boolean } = { folded: true }) {
  const w = await commandWorld()
  for (const userId of ['ada', 'eve']) await appendOldUsage(w.database, userId, months)
  await createArticle(w.deps, caller('ada'), { guideline: Buffer.from('# A') })
  // An article's event of the same month, which stays.
  await w.database.owner.query(`set session_replication_role = replica;
    update nova.events set recorded_at = '2025-11-09' where type = 'ArticleCreated';
    set session_replication_role = default`)
  const drain = async () => {
    for (const projection of projections) await drainProjection(w.database.projector, projection)
  }
  if (options.folded) await drain()
  const archive = async (month: string) => {
    const lines: string[] = []
    const leaving = { month, part: 'usage' as const, before: '2026-01' }
    for await (const line of archiveLines(w.database.projector, leaving, now)) lines.push(line)
    const content = await readArchive(from(lines))
    assert.ok(content)
    await takeOutMonth(w.database, leaving, content)
    return lines
  }
  const stored = async () => {
    const { rows } = await w.database.projector.query<{ month: string; n: number }>(
      `select to_char(recorded_at at time zone 'UTC', 'YYYY-MM') as month, count(*) as n
       from nova.events where stream_id like 'usage-%' group by 1 order by 1`,
    )
    return Object.fromEntries(rows.map(({ month, n }) => [month, n]))
  }
  // The article's event was moved to another time above, which the chain notices; its stream is left out.
  const problems = async () =>
    (await verifyEvents(w.database.owner)).problems.filter(
      ({ stream_id: id }) => !id.startsWith('article-'),
    )
  return { ...w, drain, archive, stored, problems }
}

async function* from(lines: readonly string[]) {
  yield* lines
}

const refuses = (code: string, sentence: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && sentence.test(error.message)

describe('archiving usage months', { concurrency: true }, () => {
  it('takes exactly those events out and brings them back as they were', async () => {
    await using w = await world()
    const next = (after: string | null) =>
      nextToArchive(w.database.owner, { part: 'usage', before: '2026-01', after })
    assert.deepEqual(
      [await next(null), await next('2025-11'), await next('2025-12')],
      [...months, null],
    )
    const before = await rowsOf(w.database, 'events')
    const november = await w.archive('2025-11')
    assert.deepEqual(await w.stored(), { '2025-12': 12, '2026-01': 2 })
    const december = await w.archive('2025-12')
    assert.deepEqual(await w.stored(), { '2026-01': 2 })
    assert.deepEqual(await w.problems(), [])
    assert.deepEqual(
      (await verifyEvents(w.database.owner)).archives.map(({ month, events }) => [month, events]),
      [
        ['2025-11', 10],
        ['2025-12', 12],
      ],
    )
    const stays = await rowsOf(w.database, 'articles')
    assert.equal(stays.length, 1)

    await assert.rejects(
      bringBackMonth(w.database.owner, 'november', from(november)),
      refuses('ARCHIVE_INVALID', /comes back next is 2025-12/),
    )
    await bringBackMonth(w.database.owner, 'december', from(december))
    assert.deepEqual(await w.problems(), [])
    await bringBackMonth(w.database.owner, 'november', from(november))
    assert.deepEqual(await rowsOf(w.database, 'events'), before)
    assert.deepEqual(await w.problems(), [])
  })

  it('keeps counting what is archived, and takes settlements that come late', async () => {
    await using w = await world()
    await w.archive('2025-11')
    await w.archive('2025-12')
    const [row] = await usageOf(w.reader, 'ada', '2025-12')
    assert.deepEqual([row?.calls, row?.completed, row?.cost_usd], [3, 3, 0.75])
    const stream = { userId: 'ada', streamId: 'usage-ada-2025-11' }
    await appendTo(
      w.deps.store,
      stream,
      [{ type: 'ToolCallSettled', schemaVersion: 1, data: { tool: 'get_article' } }],
      { expectedVersion: 'any', metadata: { actor: 'job' } },
    )
    assert.deepEqual(await w.problems(), [])
  })

  it('settles no archived call again', async () => {
    await using w = await world()
    await w.archive('2025-11')
    const data = { call_id: '2025-11-ada-1', tool: 'get_article' }
    const stream = { userId: 'ada', streamId: 'usage-ada-2025-11' }
    const settled = { type: 'ToolCallSettled', schemaVersion: 1, data }
    const args = { call_id: data.call_id, month: '2025-11' }
    await assert.rejects(
      appendTo(w.deps.store, stream, [settled], {
        expectedVersion: 'any',
        metadata: { actor: 'job' },
        guard: { name: 'call_open', args, once: true },
      }),
      { code: 'TOOL_CALL_ENDED' },
    )
  })

  it('refuses a rebuild and an export that would lack them, and no other rebuild', async () => {
    await using w = await world()
    await w.archive('2025-11')
    for (const projection of projections) {
      const before = await rowsOf(w.database, projection.name)
      if (projection.leavesWith) await rebuildProjection(w.database, projection)
      else {
        await assert.rejects(
          rebuildProjection(w.database, projection),
          refuses('EVENTS_ARCHIVED', /2025-11/),
        )
      }
      assert.deepEqual(await rowsOf(w.database, projection.name), before)
    }
    await assert.rejects(
      async () => {
        for await (const _ of exportEvents(w.database, { contents: false, now })) assert.fail()
      },
      refuses('EVENTS_ARCHIVED', /2025-11/),
    )
  })

  it('waits for every projection, and for a file that holds what is stored', async () => {
    await using w = await world({ folded: false })
    await assert.rejects(w.archive('2025-11'), refuses('ARCHIVE_NOT_READY', /not folded yet by/))
    await w.drain()
    const wrong = { events: 10, lastPosition: 1, digest: '00'.repeat(32) }
    await assert.rejects(
      takeOutMonth(w.database, { month: '2025-11', part: 'usage', before: '2026-01' }, wrong),
      refuses('ARCHIVE_NOT_READY', /does not hold what is stored/),
    )
    assert.deepEqual(await w.stored(), { '2025-11': 10, '2025-12': 12, '2026-01': 2 })
  })

  it('finds an event that goes missing after the archived ones, and a file that was changed', async () => {
    await using w = await world()
    const lines = await w.archive('2025-11')
    const changed = lines.map((line) => line.replace('"duration_ms": 7', '"duration_ms": 8'))
    assert.notDeepEqual(changed, lines)
    await assert.rejects(
      bringBackMonth(w.database.owner, 'changed', from(changed)),
      refuses('ARCHIVE_INVALID', /usage-ada-2025-11 whole/),
    )
    await assert.rejects(
      bringBackMonth(w.database.owner, 'cut', from(lines.slice(0, -1))),
      refuses('ARCHIVE_INVALID', /not a whole archive/),
    )
    await w.database.owner.query(`set session_replication_role = replica;
      delete from nova.events where user_id = 'ada' and stream_id = 'usage-ada-2025-11';
      set session_replication_role = default`)
    assert.deepEqual(
      (await w.problems()).map((found) => [found.stream_id, found.stream_version, found.problem]),
      [['usage-ada-2025-11', 5, 'missing']],
    )
  })
})
