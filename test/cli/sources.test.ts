import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { settingsFrom } from '../../src/cli/setup/load-settings.ts'
import { sources } from '../../src/cli/sources.ts'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { extractUrls } from '../../src/commands/articles/extract-urls.ts'
import { recordScraped } from '../../src/commands/articles/record-source.ts'
import { uploadLocalFiles } from '../../src/commands/articles/upload-local-files.ts'
import { startOperation } from '../../src/commands/runs/start-operation.ts'
import { composeOutside } from '../../src/compose/compose-research.ts'
import { articleStream } from '../../src/events/articles/article-events.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { caller, commandWorld } from '../support/command-world.ts'
import { type Route, startSite } from '../support/site.ts'

const ada = caller('ada')
const words = 'Queues hold work between the moment of asking and the moment of doing. '.repeat(12)
const page = (text: string) =>
  `<!doctype html><title>Queues</title><main><article><h1>Queues</h1><p>${words}</p><p>${text}</p><p>${words}</p></article></main>`

/** An article whose pages were read from a site that can change afterwards. */
async function readArticle(routes: Record<string, Route>) {
  const world = await commandWorld()
  const site = await startSite(routes)
  const settings = {
    DATABASE_URL: world.url,
    NOVA_FETCH_ALLOW: `pages.example:80=127.0.0.1:${site.port}`,
  }
  const { deps } = world
  const links = Object.keys(routes).map((path) => `- http://pages.example${path}`)
  const guideline = Buffer.from(`# Queues\n\n${links.join('\n')}\n`)
  const { articleId } = await createArticle(deps, ada, { guideline })
  const { article } = await extractUrls(deps, ada, { articleId })
  const operationId = deps.newId()
  const tool = 'scrape_and_clean_other_urls'
  await startOperation(deps, ada, {
    articleId,
    tool,
    operationId,
    month: '2026-05',
    weight: 1,
    operationsMax: 0,
  })
  const outside = composeOutside(settingsFrom(settings))
  for (const { number, url } of article.sources.values()) {
    const { signal } = new AbortController()
    const gathered = await outside.gather({ url, kind: 'web', signal })
    await recordScraped(deps, ada, articleId, {
      operationId,
      source: number,
      url,
      gathered,
      markdown: await deps.contents.put('ada', gathered.markdown, 'text/markdown'),
      snapshot: await deps.contents.put('ada', gathered.snapshot?.bytes ?? '', 'text/html'),
      cleanedBy: null,
    })
  }
  await outside.close()
  return {
    deps,
    articleId,
    check: async (id = articleId) => {
      const terminal = rememberingTerminal()
      const call = { positionals: ['check', id], options: { user: 'ada' } }
      const code = await sources.run(cliCall(terminal, settings, call))
      return { code, out: terminal.out() }
    },
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]()
      await world[Symbol.asyncDispose]()
    },
  }
}

describe('nova sources check', () => {
  it('tells for each page whether it is unchanged, changed and how, or gone, and records it', async () => {
    const routes: Record<string, Route> = {
      '/same': page('It stays.'),
      '/moves': page('Alpha.'),
      '/goes': page('Here.'),
    }
    await using world = await readArticle(routes)
    assert.equal((await world.check()).code, 0)
    routes['/moves'] = page('Beta. \u001b[31m')
    delete routes['/goes']
    const { code, out } = await world.check()
    assert.equal(code, 1)
    assert.match(out, /^unchanged {3}\[1\] http:\/\/pages\.example\/same$/m)
    assert.match(
      out,
      /^changed {5}\[2\] \S+\/moves\n {4}@@[^\n]*\n[\s\S]*^ {4}-Alpha\.\n {4}\+Beta\. \\\[31m$/m,
    )
    assert.match(out, /^gone {8}\[3\] \S+\/goes {2}NOT_FOUND \(status 404\)$/m)
    assert.match(out, /^3 sources: 1 unchanged, 1 changed, 1 gone$/m)
    const stream = { userId: 'ada', streamId: articleStream(world.articleId) }
    const checks = (await world.deps.store.read(stream)).filter((e) => e.type === 'SourceChecked')
    const recorded = checks.slice(3).map(({ data }) => data as { source: number; outcome: string })
    assert.deepEqual(
      recorded.toSorted((a, b) => a.source - b.source).map(({ outcome }) => outcome),
      ['unchanged', 'changed', 'gone'],
    )
  })

  it('says of an uploaded file that it cannot be asked', async () => {
    await using world = await readArticle({ '/same': page('It stays.') })
    const files = [{ name: 'notes.md', bytes: Buffer.from('# Notes') }]
    await uploadLocalFiles(world.deps, ada, { articleId: world.articleId, files })
    const { code, out } = await world.check()
    assert.equal(code, 0)
    assert.match(out, /^not asked {3}\[2\] notes\.md {2}an uploaded file has no address$/m)
    assert.match(out, /^1 source: 1 unchanged$/m)
  })

  it('refuses an article that is not there', async () => {
    await using world = await readArticle({})
    await assert.rejects(world.check('00000000-0000-4000-8000-000000000009'), {
      code: 'ARTICLE_NOT_FOUND',
    })
    assert.match((await world.check()).out, /No source could be asked/)
  })
})
