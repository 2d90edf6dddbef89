import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { articles } from '../../src/cli/articles.ts'
import { compileResearch } from '../../src/commands/articles/compile-research.ts'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { extractUrls } from '../../src/commands/articles/extract-urls.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { caller, commandWorld } from '../support/command-world.ts'

describe('nova articles rename', () => {
  it('gives an article of its user another title, and asks for one that is missing', async () => {
    await using w = await commandWorld()
    const guideline = Buffer.from('# Bees')
    const { articleId } = await createArticle(w.deps, caller('ada'), { guideline })
    const run = async (...positionals: string[]) => {
      const terminal = rememberingTerminal()
      const call = { positionals, options: { user: 'ada' } }
      const code = await articles.run(cliCall(terminal, { DATABASE_URL: w.url }, call))
      return { code, out: terminal.out() }
    }
    await assert.rejects(run('rename', articleId), /title is missing/)
    await assert.rejects(run('archive', articleId, 'more'), /takes one article id/)
    const { code, out } = await run('rename', articleId, 'Bees in winter')
    assert.equal(code, 0)
    assert.match(out, /is called Bees in winter$/)
  })
})

describe('nova articles list, show and download', () => {
  it("finds the user's own articles by id, and writes what was compiled and nothing before", async () => {
    await using w = await commandWorld()
    const ada = caller('ada')
    const guideline = Buffer.from('# Bees\n\n## Golden Sources\n\n- http://pages.example/bees\n')
    const { articleId } = await createArticle(w.deps, ada, { guideline })
    await extractUrls(w.deps, ada, { articleId })
    const folder = await mkdtemp(join(tmpdir(), 'nova-articles-'))
    const output = join(folder, 'research.md')
    const run = async (user: string, ...positionals: string[]) => {
      const terminal = rememberingTerminal()
      const call = { positionals, options: { user, output } }
      const code = await articles.run(cliCall(terminal, { DATABASE_URL: w.url }, call))
      assert.equal(code, 0)
      return terminal.out()
    }
    assert.match(await run('ada', 'list'), new RegExp(`${articleId}  Bees +extracting_urls`))
    assert.match(await run('eve', 'list'), /^No articles of eve/)
    const shown = await run('ada', 'show', articleId)
    assert.match(shown, /research\.md +none yet/)
    assert.match(shown, /1\. http:\/\/pages\.example\/bees +pending, golden/)
    await assert.rejects(run('eve', 'show', articleId), { code: 'ARTICLE_NOT_FOUND' })
    await assert.rejects(run('ada', 'download', articleId), { code: 'RESEARCH_NOT_COMPILED' })

    const { research } = await compileResearch(w.deps, ada, { articleId, despiteFailures: true })
    await run('ada', 'download', articleId)
    const written = await readFile(output)
    assert.equal(createHash('sha256').update(written).digest('hex'), research.sha256)
    await assert.rejects(run('eve', 'download', articleId), { code: 'ARTICLE_NOT_FOUND' })
    await rm(folder, { recursive: true })
  })

  it('say what the command takes when the id is missing', async () => {
    const run = (...positionals: string[]) =>
      articles.run(cliCall(rememberingTerminal(), {}, { positionals }))
    await assert.rejects(run('show'), /takes `list`/)
    await assert.rejects(run('burn', 'x'), /takes `list`/)
  })
})
