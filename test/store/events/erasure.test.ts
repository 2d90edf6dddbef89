import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { uploadLocalFiles } from '../../../src/commands/articles/upload-local-files.ts'
import { Refusal } from '../../../src/errors.ts'
import { articleEvents, articleStream } from '../../../src/events/articles/article-events.ts'
import { eventRegistry } from '../../../src/events/registry.ts'
import { projections } from '../../../src/projections/registry.ts'
import { verifyEvents } from '../../../src/store/archives/verify-events.ts'
import { drainProjection, stepProjection } from '../../../src/store/projections/projection-step.ts'
import { rebuildProjection } from '../../../src/store/projections/rebuild-projection.ts'
import { appendTo } from '../../support/append-to.ts'
import { articleId, created, extracted } from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { eventSamples } from '../../support/event-samples.ts'
import { rowsOf } from '../../support/projection-rows.ts'

const secret = 'Eleonora'

async function world() {
  const w = await commandWorld()
  const erasure = w.deps.erasure
  const deps = { ...w.deps, erasure }
  return {
    ...w,
    deps,
    /** Two articles of Ada's that share one file, and one of Eve's with the same texts. */
    async articles() {
      const made = []
      for (const userId of ['ada', 'ada', 'eve']) {
        const guideline = Buffer.from(`# On ${secret}\n\nSee https://a.example/${secret}.`)
        const article = await createArticle(deps, caller(userId), {
          guideline: Buffer.concat([guideline, Buffer.from(` ${made.length}`)]),
        })
        const files = [{ name: `${secret}.md`, bytes: Buffer.from(`About ${secret}.`) }]
        await uploadLocalFiles(deps, caller(userId), { articleId: article.articleId, files })
        made.push({ userId, ...article })
      }
      const [first, second, others] = made
      assert.ok(first && second && others)
      return { first, second, others }
    },
    /** As if the bodies had been stored long ago; those of the last minutes are left to the sweep. */
    async settle() {
      await w.database.owner.query(`update nova.contents set put_at = put_at - interval '1 day'`)
    },
    async bodies(userId: string) {
      const { rows } = await w.database.owner.query<{ sha256: string }>(
        'select sha256 from nova.contents where user_id = $1 order by 1',
        [userId],
      )
      return rows.map(({ sha256 }) => sha256)
    },
    [Symbol.asyncDispose]: () => w[Symbol.asyncDispose](),
  }
}

const notFound = (error: unknown) => error instanceof Refusal && error.code === 'ARTICLE_NOT_FOUND'

describe('erasing an article', { concurrency: true }, () => {
  it('removes its texts and names everywhere, and nothing of any other article', async () => {
    await using w = await world()
    const { first, second, others } = await w.articles()
    await w.settle()
    const before = { ada: await w.bodies('ada'), eve: await w.bodies('eve') }
    const erased = await eraseArticle(w.deps, caller('ada'), first)
    assert.equal(erased.events, 2)
    assert.equal(erased.contents, 1)
    const gone = before.ada.filter((sha) => sha !== first.guideline.sha256)
    assert.deepEqual(await w.bodies('ada'), gone)
    assert.deepEqual(await w.bodies('eve'), before.eve)
    const { rows } = await w.database.projector.query<{ stream_id: string; names: number }>(
      `select stream_id, count(*) filter (where data::text like '%' || $1 || '%') as names
       from nova.events group by 1`,
      [secret],
    )
    const namesIn = new Map(rows.map((row) => [row.stream_id, row.names]))
    assert.equal(namesIn.get(articleStream(first.articleId)), 0)
    assert.equal(namesIn.get(articleStream(second.articleId)), 2)
    assert.equal(namesIn.get(articleStream(others.articleId)), 2)
    await assert.rejects(eraseArticle(w.deps, caller('ada'), first), notFound)
  })

  it('leaves the same bytes alone that another user has', async () => {
    await using w = await world()
    const guideline = Buffer.from(`# On ${secret}`)
    const hers = await createArticle(w.deps, caller('ada'), { guideline })
    await createArticle(w.deps, caller('eve'), { guideline })
    await w.settle()
    assert.equal((await eraseArticle(w.deps, caller('ada'), hers)).contents, 1)
    assert.deepEqual(await w.bodies('ada'), [])
    const { sha256 } = hers.guideline
    assert.equal(await w.deps.contents.text('eve', sha256), `# On ${secret}`)
  })

  it('leaves a body that was put again for an event which is still on its way', async () => {
    await using w = await world()
    const guideline = Buffer.from(`# On ${secret}`)
    const first = await createArticle(w.deps, caller('ada'), { guideline })
    await w.settle()
    const again = await w.deps.contents.put('ada', guideline, 'text/markdown')
    assert.equal((await eraseArticle(w.deps, caller('ada'), first)).contents, 0)
    assert.equal(await w.deps.contents.text('ada', again.sha256), `# On ${secret}`)
  })

  it('is refused for somebody else, as if there were no such article', async () => {
    await using w = await world()
    const { first } = await w.articles()
    await assert.rejects(eraseArticle(w.deps, caller('eve'), first), notFound)
    await assert.rejects(
      w.database.app.query(
        `select nova.erase_article('ada', $1, 2, '01X', 1::smallint, '{}', '{}')`,
        [first.articleId],
      ),
      /another user/,
    )
  })

  it('leaves a chain that verifies, with every event countable and readable by its schema', async () => {
    await using w = await world()
    const streamId = articleStream(articleId)
    const ofArticles = new Set<string>(articleEvents.map(({ type }) => type))
    for (const type of ['ArticleCreated', 'UrlsExtracted', 'ArticleArchived', 'ArticleErased']) {
      ofArticles.delete(type)
    }
    const story = eventSamples.filter(({ type }) => ofArticles.has(type))
    const stream = { userId: 'ada', streamId }
    const metadata = { actor: 'agent' } as const
    await appendTo(w.deps.store, stream, [created, extracted, ...story], {
      expectedVersion: 0,
      metadata,
    })
    await eraseArticle(w.deps, caller('ada'), { articleId })
    const events = await w.deps.store.read(stream)
    assert.equal(events.length, story.length + 3)
    for (const event of events) {
      const parsed = eventRegistry.get(event.type)?.schema.safeParse(event.data)
      assert.ok(parsed?.success, `${event.type}: ${JSON.stringify(parsed?.error?.issues)}`)
    }
    const result = await verifyEvents(w.database.owner)
    assert.deepEqual(result.problems, [])
    assert.equal(result.erased, story.length + 2)
  })

  it('takes the rows of the article, live and rebuilt alike, at any point of the fold', async () => {
    await using w = await world()
    const { first, second } = await w.articles()
    for (const projection of projections) {
      // Some have seen nothing yet, some half, some all.
      const batch = 1 + (projection.name.length % 4)
      await stepProjection(w.database.projector, projection, { batch, status: 'live' })
    }
    await eraseArticle(w.deps, caller('ada'), first)
    for (const projection of projections) {
      const end = await drainProjection(w.database.projector, projection, { batch: 2 })
      assert.equal(end.kind, 'folded')
      const live = await rowsOf(w.database, projection.name)
      await rebuildProjection(w.database, projection)
      assert.deepEqual(await rowsOf(w.database, projection.name), live, projection.name)
      assert.ok(!live.some((row) => row.includes(secret) && row.includes(first.articleId)))
    }
    const articles = await rowsOf(w.database, 'articles')
    assert.equal(articles.length, 2)
    assert.ok(articles.some((row) => row.includes(second.articleId)))
    const audit = await rowsOf(w.database, 'audit')
    assert.equal(audit.filter((row) => row.includes(first.articleId)).length, 3)
    assert.ok(!audit.some((row) => row.includes(secret)))
  })

  it('leaves a body that was just handed in to the sweep, which takes it when no event came', async () => {
    await using w = await world()
    const { first } = await w.articles()
    const stored = await w.bodies('ada')
    const erased = await eraseArticle(w.deps, caller('ada'), first)
    assert.equal(erased.contents, 0)
    const late = await w.deps.contents.put('ada', `late page on ${secret}`, 'text/markdown')
    await w.database.projector.query('select nova.sweep_contents()')
    assert.equal((await w.bodies('ada')).length, stored.length + 1)
    await w.database.owner.query(`
      update nova.contents set put_at = put_at - interval '11 minutes';
      set session_replication_role = replica;
      update nova.events set recorded_at = recorded_at - interval '11 minutes'
        where type = 'ArticleErased';
      set session_replication_role = default`)
    await w.database.projector.query('select nova.sweep_contents()')
    const left = await w.bodies('ada')
    assert.ok(!left.includes(late.sha256))
    assert.deepEqual(
      left,
      stored.filter((sha) => sha !== first.guideline.sha256),
    )
  })
})

describe('the append-only rule', { concurrency: true }, () => {
  it('lets the keeper put exactly the erased data in place, and nothing else', async () => {
    await using w = await world()
    const stream = { userId: 'ada', streamId: articleStream(randomUUID()) }
    await appendTo(w.deps.store, stream, [created], {
      expectedVersion: 0,
      metadata: { actor: 'agent' },
    })
    for (const change of [
      `data = '{}', erased_at = now()`,
      'data = nova.erased_data(type, data)',
      'erased_at = now()',
    ]) {
      const asKeeper = w.database.owner.query(
        `set local role nova_keeper; update nova.events set ${change}`,
      )
      await assert.rejects(asKeeper, /append-only/, change)
    }
    const owner = w.database.owner.query(
      'update nova.events set data = nova.erased_data(type, data), erased_at = now()',
    )
    await assert.rejects(owner, /append-only/)
  })

  it('lets nothing that is erased be erased again', async () => {
    await using w = await world()
    const stream = { userId: 'ada', streamId: articleStream(randomUUID()) }
    const options = { expectedVersion: 0, metadata: { actor: 'agent' as const } }
    await appendTo(w.deps.store, stream, [created], options)
    const erase = () =>
      w.database.owner.query(`set local role nova_keeper;
        update nova.events set data = nova.erased_data(type, data), erased_at = clock_timestamp()`)
    await erase()
    await assert.rejects(erase(), /append-only/)
  })
})
