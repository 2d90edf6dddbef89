import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { uploadLocalFiles } from '../../../src/commands/articles/upload-local-files.ts'
import { Refusal } from '../../../src/errors.ts'
import { articleEvents } from '../../../src/events/articles/article-events.ts'
import { usageStream } from '../../../src/events/usage/usage-events.ts'
import { projections } from '../../../src/projections/registry.ts'
import { exportEvents } from '../../../src/store/archives/export-events.ts'
import { importEvents } from '../../../src/store/archives/import-events.ts'
import { verifyEvents } from '../../../src/store/archives/verify-events.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { appendTo } from '../../support/append-to.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { freshDatabase } from '../../support/database.ts'
import { eventSamples } from '../../support/event-samples.ts'
import { appendOldUsage } from '../../support/old-usage.ts'
import { rowsOf } from '../../support/projection-rows.ts'

const now = new Date('2026-05-01T12:00:00.000Z')

/** A database with every event type, an erased article, old months and two users. */
async function filled() {
  const w = await commandWorld()
  await appendOldUsage(w.database, 'eve', ['2025-11', '2025-12'])
  for (const userId of ['ada', 'eve']) {
    const articleId = randomUUID()
    for (const event of eventSamples) {
      const isArticles = articleEvents.some(({ type }) => type === event.type)
      const family = event.type.startsWith('Tool') ? usageStream(userId, '2026-05') : 'other-1'
      if (event.type === 'ArticleErased') continue
      const data = event.data as object
      await appendTo(
        w.deps.store,
        { userId, streamId: isArticles ? `article-${articleId}` : family },
        [
          {
            ...event,
            data: event.type === 'ArticleCreated' ? { ...data, article_id: articleId } : data,
          },
        ],
        { expectedVersion: 'any', metadata: { actor: 'agent', client: `${userId}’s “client”` } },
      )
    }
    const made = await createArticle(w.deps, caller(userId), { guideline: Buffer.from('# Äon 😀') })
    const files = [{ name: 'a.md', bytes: Buffer.from('x'.repeat(3_000_000)) }]
    await uploadLocalFiles(w.deps, caller(userId), { articleId: made.articleId, files })
    const erasure = w.deps.erasure
    const gone = await createArticle(w.deps, caller(userId), { guideline: Buffer.from('# Gone') })
    await eraseArticle({ ...w.deps, erasure }, caller(userId), gone)
  }
  await drainAll(w.database)
  return w
}

async function drainAll(database: Database) {
  for (const projection of projections) {
    const end = await drainProjection(database.projector, projection)
    assert.equal(end.kind, 'folded', JSON.stringify(end))
  }
}

async function linesOf(database: Database, contents: boolean): Promise<string[]> {
  const lines = []
  for await (const line of exportEvents(database, { contents, now })) lines.push(line)
  return lines
}

async function* from(lines: readonly string[]) {
  yield* lines
}

const refuses = (code: string, sentence: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && sentence.test(error.message)

describe('an export', { concurrency: true }, () => {
  it('gives another database the same events, bodies and rows of every projection', async () => {
    await using w = await filled()
    await using other = await freshDatabase()
    // Positions there are not those here.
    await other.database.owner.query(`select setval('nova.position_seq', 777)`)
    const lines = await linesOf(w.database, true)
    const imported = await importEvents(other.database.owner, from(lines))
    assert.equal(imported.events + imported.contents + 2, lines.length)
    await drainAll(other.database)
    for (const { name } of projections) {
      const rows = await rowsOf(w.database, name, ['position'])
      assert.ok(rows.length > 0, name)
      assert.deepEqual(await rowsOf(other.database, name, ['position']), rows, name)
    }
    const { problems, events, erased } = await verifyEvents(other.database.owner)
    assert.deepEqual(
      { problems, events, erased },
      { problems: [], events: imported.events, erased: 2 },
    )
    const again = await linesOf(other.database, true)
    const anew = (line: string) => line.replace(/"position" : \d+/, '')
    assert.deepEqual(again.map(anew), lines.map(anew))
  })

  it('of one user holds nothing of another', async () => {
    await using w = await filled()
    const lines: string[] = []
    for await (const line of exportEvents(w.database, { contents: true, now, userId: 'ada' })) {
      lines.push(line)
    }
    assert.ok(lines.length > 20)
    assert.ok(!lines.some((line) => line.includes('"eve"')))
  })

  it('is taken by an empty database only, and lets the next append go on after it', async () => {
    await using w = await filled()
    await using other = await commandWorld()
    const lines = await linesOf(w.database, false)
    await importEvents(other.database.owner, from(lines))
    await assert.rejects(
      importEvents(other.database.owner, from(lines)),
      refuses('DATABASE_NOT_EMPTY', /holds events already/),
    )
    const { position: before } = await other.deps.store.readAll(0, 10_000)
    const made = await createArticle(other.deps, caller('ada'), { guideline: Buffer.from('# B') })
    assert.ok((made.appended?.position ?? 0) > before)
    const stream = { userId: 'ada', streamId: usageStream('ada', '2026-05') }
    const known = await other.deps.store.read(stream)
    await appendTo(other.deps.store, stream, [known[0] ?? assert.fail()], {
      expectedVersion: known.length,
      metadata: { actor: 'job' },
    })
    assert.deepEqual((await verifyEvents(other.database.owner)).problems, [])
  })

  it('that was cut off, reordered or changed is refused and leaves the database empty', async () => {
    await using w = await filled()
    await using other = await freshDatabase()
    const lines = await linesOf(w.database, true)
    const changed = (find: string | RegExp, put: string) =>
      lines.map((line) => line.replace(find, put))
    const swapped = lines.with(1, lines[2] ?? '').with(2, lines[1] ?? '')
    const cases: [string[], RegExp][] = [
      [lines.slice(0, -1), /no end/],
      [lines.slice(1), /line 1 is not what an export holds/],
      [lines.toSpliced(5, 1), /other counts/],
      [lines.toSpliced(5, 0, lines[4] ?? ''), /twice/],
      [lines.toSpliced(5, 0, '{"nonsense": 1}'), /line 6 is not what/],
      [changed('get_article', 'get_articles'), /is changed/],
      [changed(/"body" : "..../, '"body" : "AAAA'), /a body that is not/],
      [swapped, /is reordered/],
    ]
    for (const [bad, sentence] of cases) {
      await assert.rejects(
        importEvents(other.database.owner, from(bad)),
        refuses('IMPORT_INVALID', sentence),
      )
    }
    const { rows } = await other.database.owner.query(
      'select (select count(*) from nova.events) + (select count(*) from nova.contents) as n',
    )
    assert.deepEqual(rows, [{ n: 0 }])
  })
})
