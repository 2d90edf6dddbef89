import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileResearch, decideCompileResearch } from '../../src/commands/compile-research.ts'
import { createArticle } from '../../src/commands/create-article.ts'
import { generateQueries } from '../../src/commands/generate-queries.ts'
import { uploadLocalFiles } from '../../src/commands/upload-local-files.ts'
import { ResearchCompiled } from '../../src/events/article-events.ts'
import { researchCompiler } from '../../src/research/compile-research.ts'
import { articleSpec, at, created, now, ref } from '../support/article-facts.ts'
import { caller, commandWorld } from '../support/command-world.ts'

const compiled = (n: number, version: number) =>
  ResearchCompiled({
    research: ref(n),
    compiler: researchCompiler,
    through_version: version,
    compiled_at: at,
  })
const ada = caller('ada')

describe('compile research', { concurrency: true }, () => {
  const given = articleSpec(decideCompileResearch)

  it('records the text and the version it was made of', () => {
    given(created)
      .when({ research: ref(7), throughVersion: 1, now })
      .thenEvents(compiled(7, 1))
  })

  it('records the same bytes once', () => {
    given(created, compiled(7, 1))
      .when({ research: ref(7), throughVersion: 2, now })
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
})
