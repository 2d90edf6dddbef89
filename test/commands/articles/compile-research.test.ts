import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  compileResearch,
  decideCompileResearch,
  researchBytesMax,
} from '../../../src/commands/articles/compile-research.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { generateQueries } from '../../../src/commands/articles/generate-queries.ts'
import { uploadLocalFiles } from '../../../src/commands/articles/upload-local-files.ts'
import {
  type ArticleEvent,
  articleStream,
  ResearchCompiled,
} from '../../../src/events/articles/article-events.ts'
import { isResearchCurrent } from '../../../src/events/articles/next-step.ts'
import { researchCompiler } from '../../../src/research/compile/compile-research.ts'
import { appendTo } from '../../support/append-to.ts'
import {
  articleSpec,
  asked,
  at,
  chosen,
  created,
  extracted,
  failed,
  finished,
  found,
  now,
  ref,
  scraped,
  selected,
  started,
} from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const compiled = (n: number, version: number) =>
  ResearchCompiled({
    research: ref(n),
    evidence: ref(n + 1),
    compiler: researchCompiler,
    through_version: version,
    compiled_at: at,
  })
const ada = caller('ada')

describe('compile research', { concurrency: true }, () => {
  const given = articleSpec(decideCompileResearch)

  it('records the text and the version it was made of', () => {
    given(created)
      .when({ research: ref(7), evidence: ref(8), throughVersion: 1, now })
      .thenEvents(compiled(7, 1))
  })

  it('records the same bytes once', () => {
    given(created, compiled(7, 1))
      .when({ research: ref(7), evidence: ref(8), throughVersion: 2, now })
      .thenNothing()
  })

  it('makes the same bytes of the same article, and others once it has grown', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Ledgers') })
    const first = await compileResearch(w.deps, ada, { articleId })
    w.clock.now = new Date('2026-06-01T00:00:00.000Z')
    const again = await compileResearch(w.deps, ada, { articleId })
    assert.equal(again.research.sha256, first.research.sha256)
    assert.equal(again.appended, null)
    const files = [{ name: 'notes.md', bytes: Buffer.from('# Notes of ours') }]
    await uploadLocalFiles(w.deps, ada, { articleId, files })
    const grown = await compileResearch(w.deps, ada, { articleId })
    const text = await w.deps.contents.text('ada', grown.research.sha256)
    assert.match(text, /Notes of ours/)
    assert.notEqual(grown.research.sha256, first.research.sha256)
  })

  it('works at any time, also before anything was found', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Ledgers') })
    const queries = [{ query: 'who keeps ledgers?', reason: 'a gap' }]
    await generateQueries({ ...w.deps, model: null }, ada, { articleId, count: 1, queries })
    const { research } = await compileResearch(w.deps, ada, { articleId })
    const text = await w.deps.contents.text('ada', research.sha256)
    assert.match(text, /^# Research/)
    assert.match(text, /who keeps ledgers\?/)
  })

  it('completes the article again when a page failed again and the text is the same', () => {
    const web = 'scrape_and_clean_other_urls'
    const again = [started(web, [1]), failed(1, true), finished(web, 'failed', 0, 1)]
    given(created, extracted, compiled(7, 2), ...again)
      .when({ research: ref(7), evidence: ref(8), throughVersion: 6, now })
      .thenEvents(compiled(7, 6))
    given(created, extracted, compiled(7, 2), ...again, compiled(7, 6))
      .when({ research: ref(7), evidence: ref(8), throughVersion: 7, now })
      .thenNothing()
  })

  it('holds what came in while it was compiled', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Ledgers') })
    let isFirst = true
    const contents = {
      ...w.deps.contents,
      put: async (userId: string, bytes: Uint8Array | string, mediaType: string) => {
        const files = [{ name: 'late.md', bytes: Buffer.from('# Late notes') }]
        if (isFirst) await uploadLocalFiles(w.deps, ada, { articleId, files })
        isFirst = false
        return w.deps.contents.put(userId, bytes, mediaType)
      },
    }
    const { research } = await compileResearch({ ...w.deps, contents }, ada, { articleId })
    assert.match(await w.deps.contents.text('ada', research.sha256), /Late notes/)
  })

  it('has room for what was kept, however large what was rejected is', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Ledgers') })
    // As large as the events say: no test needs bodies of that size.
    const large = async (source: number) => {
      const event = scraped(source, 'op2')
      const body = await w.deps.contents.put('ada', `Body of ${source}.`, 'text/markdown')
      return { ...event, data: { ...event.data, markdown: { ...body, size: 20 * 1024 * 1024 } } }
    }
    const compileAfter = async (...events: ArticleEvent[]) => {
      const stream = { userId: 'ada', streamId: articleStream(articleId) }
      const options = { expectedVersion: 'any' as const, metadata: ada.metadata }
      await appendTo(w.deps.store, stream, events, options)
      const { research } = await compileResearch(w.deps, ada, { articleId })
      return w.deps.contents.text('ada', research.sha256)
    }
    const both = await compileAfter(
      asked(1, 1),
      started('run_perplexity_research', [1]),
      found(1, 8, 9),
      selected([8, true], [9, true]),
      chosen(8, 9),
      started('scrape_research_urls', [8, 9], 'op2'),
      await large(8),
      await large(9),
    )
    assert.match(both, /Body of 8\./)
    assert.match(both, /Left out here/)
    const one = await compileAfter(selected([8, false]))
    assert.match(one, /Body of 9\./)
    assert.doesNotMatch(one, /Left out here|Body of 8\./)
  })

  it('is the next step once a file came after it', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Ledgers') })
    const { article } = await compileResearch(w.deps, ada, { articleId })
    assert.equal(isResearchCurrent(article), true)
    w.clock.now = new Date('2026-05-02T00:00:00.000Z')
    const files = [{ name: 'notes.md', bytes: Buffer.from('# Notes of ours') }]
    const grown = await uploadLocalFiles(w.deps, ada, { articleId, files })
    assert.equal(isResearchCurrent(grown.article), false)
    const again = await compileResearch(w.deps, ada, { articleId })
    assert.equal(isResearchCurrent(again.article), true)
  })

  it('leaves out the largest sources, and says so, when all would be too much', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Ledgers') })
    const size = 9 * 1024 * 1024
    for (const name of ['a.md', 'b.md', 'c.md', 'd.md']) {
      const bytes = Buffer.alloc(size, `Pages of ${name}, line by line.\n`)
      await uploadLocalFiles(w.deps, ada, { articleId, files: [{ name, bytes }] })
    }
    const files = [{ name: 'small.md', bytes: Buffer.from('# Small notes') }]
    await uploadLocalFiles(w.deps, ada, { articleId, files })
    const { research } = await compileResearch(w.deps, ada, { articleId })
    const text = await w.deps.contents.text('ada', research.sha256)
    assert.ok(research.size < researchBytesMax)
    assert.match(text, /Small notes/)
    assert.match(text, /Pages of c\.md/)
    assert.doesNotMatch(text, /Pages of d\.md/)
    assert.match(text, /Left out here: with its \d+ bytes/)
  })
})
