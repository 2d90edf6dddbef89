import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileResearch } from '../../../src/commands/articles/compile-research.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { extractUrls } from '../../../src/commands/articles/extract-urls.ts'
import { generateQueries } from '../../../src/commands/articles/generate-queries.ts'
import { recordScraped } from '../../../src/commands/articles/record-source.ts'
import { replayResearch } from '../../../src/commands/articles/replay-research.ts'
import { startOperation } from '../../../src/commands/runs/start-operation.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const ada = caller('ada')

/** An article with one page read, compiled. */
async function compiledArticle() {
  const world = await commandWorld()
  const { deps } = world
  const guideline = Buffer.from('# Event sourcing\n\nRead https://pages.example/one.\n')
  const { articleId } = await createArticle(deps, ada, { guideline })
  await extractUrls(deps, ada, { articleId })
  const operationId = deps.newId()
  await startOperation(deps, ada, {
    articleId,
    tool: 'scrape_and_clean_other_urls',
    operationId,
    month: '2026-05',
    weight: 1,
    operationsMax: 0,
  })
  const markdown = await deps.contents.put('ada', 'The text of the page.', 'text/markdown')
  await recordScraped(deps, ada, articleId, {
    operationId,
    source: 1,
    url: 'https://pages.example/one',
    gathered: {
      title: 'One',
      markdown: 'The text of the page.',
      snapshot: null,
      finalUrl: 'https://pages.example/one',
      retrievedAt: world.clock.now,
      converter: 'web/1',
      facts: {},
      notes: [],
    },
    markdown,
    snapshot: null,
    cleanedBy: null,
  })
  await compileResearch(deps, ada, { articleId })
  return { ...world, articleId, markdown }
}

describe('replaying research.md', () => {
  it('gives the recorded bytes, also when the article has gone on since', async () => {
    await using world = await compiledArticle()
    const { deps, articleId } = world
    await generateQueries({ ...deps, model: null }, ada, { articleId, count: 3 })
    const replayed = await replayResearch(deps, 'ada', { articleId })
    assert.equal(replayed.identical, true)
    assert.equal(replayed.sha256, replayed.recorded.sha256)
    assert.equal(replayed.text, await deps.contents.text('ada', replayed.recorded.sha256))
    assert.match(replayed.text, /The text of the page\./)
  })

  it('names a stored body that was changed behind our back, and one that is gone', async () => {
    await using world = await compiledArticle()
    const { deps, articleId, markdown, database } = world
    await asSuperuser(database, `update nova.contents set body = 'Forged.' where sha256 = $1`, [
      markdown.sha256,
    ])
    const forged = await replayResearch(deps, 'ada', { articleId })
    assert.equal(forged.identical, false)
    assert.deepEqual(forged.altered, [markdown.sha256])
    await asSuperuser(database, 'delete from nova.contents where sha256 = $1', [markdown.sha256])
    assert.deepEqual((await replayResearch(deps, 'ada', { articleId })).altered, [markdown.sha256])
  })

  it('also notices when only the compiled document was changed', async () => {
    await using world = await compiledArticle()
    const { deps, articleId, database } = world
    const { recorded } = await replayResearch(deps, 'ada', { articleId })
    await asSuperuser(database, `update nova.contents set body = 'Forged.' where sha256 = $1`, [
      recorded.sha256,
    ])
    const { identical, altered } = await replayResearch(deps, 'ada', { articleId })
    assert.equal(identical, false)
    assert.deepEqual(altered, [recorded.sha256])
  })

  it('says what evidence is recorded and what is made of the events now', async () => {
    await using world = await compiledArticle()
    const { deps, articleId } = world
    const { evidence } = await replayResearch(deps, 'ada', { articleId })
    assert.match(evidence.sha256, /^[0-9a-f]{64}$/)
    assert.equal(evidence.recorded, evidence.sha256)
    const recorded = await deps.contents.text('ada', evidence.sha256)
    assert.equal(JSON.parse(recorded).sources.length, 1)
  })

  it('refuses an article that was never compiled, and that of another user', async () => {
    await using world = await commandWorld()
    const { deps } = world
    const { articleId } = await createArticle(deps, ada, { guideline: Buffer.from('# A') })
    await assert.rejects(replayResearch(deps, 'ada', { articleId }), {
      code: 'RESEARCH_NOT_COMPILED',
    })
    await assert.rejects(replayResearch(deps, 'eve', { articleId }), { code: 'ARTICLE_NOT_FOUND' })
  })
})

/** Past every trigger and policy, as whoever owns the server can. */
async function asSuperuser(
  { owner }: Awaited<ReturnType<typeof commandWorld>>['database'],
  sql: string,
  parameters: string[],
): Promise<void> {
  const client = await owner.connect()
  try {
    await client.query(`set session_replication_role = replica`)
    await client.query(sql, parameters)
  } finally {
    client.release(true)
  }
}
