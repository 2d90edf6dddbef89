import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { archiveArticle } from '../../../src/commands/articles/archive-article.ts'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { Refusal } from '../../../src/errors.ts'
import { projections } from '../../../src/projections/registry.ts'
import { nextToArchive } from '../../../src/store/archives/archive-events.ts'
import { verifyEvents } from '../../../src/store/archives/verify-events.ts'
import { rebuildProjection } from '../../../src/store/projections/rebuild-projection.ts'
import { archiveMonth, attachMonth } from '../../support/archived-month.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { appendOldArticle } from '../../support/old-articles.ts'
import { appendAt, appendOldUsage } from '../../support/old-usage.ts'
import { rowsOf } from '../../support/projection-rows.ts'

const before = '2026-01'
const ada = caller('ada')

/** Articles of one month, of two, and one that is still in use; usage, and a plan. */
async function world() {
  const w = await commandWorld()
  const closed = await appendOldArticle(w, 'ada', ['2025-11'])
  const spanning = await appendOldArticle(w, 'ada', ['2025-11', '2025-12'])
  const inUse = await appendOldArticle(w, 'ada', ['2025-11', '2026-01'])
  await appendOldUsage(w.database, 'eve', ['2025-11'])
  await appendAt(w.database, 'ada', 'user-ada', 'PlanAssigned', '2025-11-08T00:00:00Z', {
    calls_per_month: 7,
    calls_per_minute: 0,
    concurrent_operations: 0,
    assigned_at: '2025-11-08T00:00:00.000Z',
  })
  const archive = (month: string) => archiveMonth(w.database, month)
  const attach = (lines: readonly string[]) => attachMonth(w.database, lines)
  const partitions = async () => {
    const { rows } = await w.database.owner.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits
       where inhparent = 'nova.events'::regclass and inhrelid::regclass::text ~ '_202[56]_' order by 1`,
    )
    return rows.map(({ name }) => name)
  }
  const problems = async () => (await verifyEvents(w.database.owner)).problems
  return { ...w, closed, spanning, inUse, archive, attach, partitions, problems }
}

const refuses =
  (code: string, sentence = /./) =>
  (error: unknown) =>
    error instanceof Refusal && error.code === code && sentence.test(error.message)

describe('archiving whole months', { concurrency: true }, () => {
  it('takes all but what is in use out, and brings back the same bytes', async () => {
    await using w = await world()
    const events = await rowsOf(w.database, 'events')
    const tables = await w.partitions()
    const next = () => nextToArchive(w.database.owner, { part: 'all', before, after: null })
    assert.equal(await next(), '2025-11')
    const november = await w.archive('2025-11')
    assert.equal(await next(), '2025-12')
    const december = await w.archive('2025-12')
    assert.equal(november.length - 2, 3 + 2 + 5)
    assert.deepEqual(
      (await rowsOf(w.database, 'events')).map((row) => JSON.parse(row).stream_id).sort(),
      [...Array(4).fill(w.inUse.stream.streamId), 'user-ada'].sort(),
    )
    assert.deepEqual(await w.problems(), [])
    assert.equal(await next(), null)
    await loadArticle(w.deps.store, 'ada', w.inUse.articleId)

    await assert.rejects(w.attach(november), refuses('ARCHIVE_INVALID', /next is 2025-12/))
    await w.attach(december)
    assert.deepEqual(await w.problems(), [])
    await w.attach(november)
    assert.deepEqual(await rowsOf(w.database, 'events'), events)
    assert.deepEqual(await w.partitions(), tables)
    assert.deepEqual(await w.problems(), [])
    for (const projection of projections) {
      const live = await rowsOf(w.database, projection.name)
      await rebuildProjection(w.database, projection)
      assert.deepEqual(await rowsOf(w.database, projection.name), live, projection.name)
    }
  })

  it('drops the partition of a month of which nothing stays', async () => {
    await using w = await commandWorld()
    await appendOldArticle(w, 'ada', ['2025-11'])
    const lines = await archiveMonth(w.database, '2025-11')
    const leaf = async () => {
      const { rows } = await w.database.owner.query(
        `select to_regclass('nova.events_2025_11') is not null as made`,
      )
      return rows[0].made
    }
    assert.equal(await leaf(), false)
    await attachMonth(w.database, lines)
    assert.equal(await leaf(), true)
    assert.deepEqual((await verifyEvents(w.database.owner)).problems, [])
  })

  it('refuses to read, change or erase an article on a part of its history, and to rebuild without it', async () => {
    await using w = await world()
    const november = await w.archive('2025-11')
    const erasure = w.deps.erasure
    for (const { articleId, stream } of [w.closed, w.spanning]) {
      const attempts = [
        () => loadArticle(w.deps.store, 'ada', articleId),
        () => archiveArticle(w.deps, ada, { articleId, archived: true }),
        () => createArticle(w.deps, ada, { articleId, guideline: Buffer.from('# Again') }),
        () => eraseArticle({ ...w.deps, erasure }, ada, { articleId }),
        () => w.deps.store.read(stream),
      ]
      for (const attempt of attempts) {
        await assert.rejects(attempt, refuses('HISTORY_ARCHIVED', /2025-11/))
      }
    }
    // What comes after the archived events is whole by itself.
    assert.equal((await w.deps.store.read(w.spanning.stream, 2)).length, 2)
    const articles = await rowsOf(w.database, 'articles')
    assert.equal(articles.length, 3)
    for (const projection of projections) {
      const rebuild = rebuildProjection(w.database, projection)
      if (projection.leavesWith?.length === 0) await rebuild
      else await assert.rejects(rebuild, refuses('EVENTS_ARCHIVED', /2025-11/))
    }
    assert.deepEqual(await rowsOf(w.database, 'articles'), articles)
    await w.attach(november)
    await loadArticle(w.deps.store, 'ada', w.closed.articleId)
  })

  it('takes nothing back that was changed in the file', async () => {
    await using w = await world()
    const november = await w.archive('2025-11')
    const changed = november.map((line) => line.replace('"2025-11.md"', '"2025-12.md"'))
    assert.notDeepEqual(changed, november)
    await assert.rejects(w.attach(changed), refuses('ARCHIVE_INVALID', /whole/))
    const less = november.toSpliced(2, 1).with(-1, '')
    await assert.rejects(w.attach(less), refuses('ARCHIVE_INVALID'))
    assert.deepEqual(await w.problems(), [])
  })
})
