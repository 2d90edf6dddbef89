import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { articles } from '../../src/cli/articles.ts'
import { createArticle } from '../../src/commands/articles/create-article.ts'
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
