import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshDatabase } from '../support/database.ts'
import { deepJson, filled, hostileTexts, mebibyte } from '../support/hostile-texts.ts'
import { connectClient } from '../support/mcp-clients.ts'
import { startNovaServer } from '../support/nova-process.ts'

const notebook = JSON.stringify({
  nbformat: 4,
  cells: Array.from({ length: 50_000 }, () => ({ cell_type: 'code', source: '`', outputs: [] })),
})

/** What the guarantee allows /healthz to wait, in milliseconds. */
const allowedMs = 250

describe('a text that takes long to read holds up no other request', () => {
  it('by MCP, REST and upload', async (test) => {
    await using db = await freshDatabase()
    await using nova = await startNovaServer({
      DATABASE_URL: db.url,
      NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
      NOVA_REQUESTS_PER_MINUTE: '0',
      NOVA_CALLS_PER_MINUTE: '0',
      MONTHLY_TOOL_CALL_LIMIT: '0',
      NODE_OPTIONS: `--import=${new URL('./longest-turn.ts', import.meta.url).href}`,
    })
    const base = nova.mcpUrl.replace(/\/mcp$/, '')
    await using client = await connectClient('auto', new URL(nova.mcpUrl), {})
    let asked = 0
    /** The longest turn of the server's event loop since it was asked last. */
    const longestTurn = async (): Promise<number> => {
      asked += 1
      nova.signal('SIGUSR2')
      return Number((await nova.printed(new RegExp(`turn ${asked}: ([\\d.]+) ms`)))[1])
    }
    /** Runs the work with /healthz asked all the while. */
    const during = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      const ended = work().then(
        () => true,
        (error: unknown) => {
          throw new Error(`${what} failed`, { cause: error })
        },
      )
      let answers = 0
      for (let isOver = false; !isOver; answers += 1) {
        const { status } = await fetch(`${base}/healthz`)
        assert.equal(status, 200, what)
        isOver = await Promise.race([ended, new Promise<false>((go) => setTimeout(go, 5, false))])
      }
      const longest = await longestTurn()
      test.diagnostic(`${what}: ${longest} ms, /healthz answered ${answers} times`)
      assert.ok(longest < allowedMs, `${what}: one turn took ${longest} ms of processor time`)
    }
    const post = (path: string, body: string, type = 'application/json') =>
      fetch(`${base}${path}`, { method: 'POST', body, headers: { 'content-type': type } })
    const upload = async (path: string, name: string, text: string) => {
      const form = new FormData()
      form.append('files', new Blob([text]), name)
      return await fetch(`${base}${path}`, { method: 'POST', body: form })
    }

    // Whatever is compiled and loaded once is no part of it.
    const first = await client.ok('create_article', { guideline: '# Warm\n\nhttps://a.example/' })
    await client.ok('extract_guidelines_urls', { article_id: first.article_id })
    await upload(`/articles/${first.article_id}/files`, 'warm.md', 'warm')
    await client.ok('create_research_file', { article_id: first.article_id })
    await longestTurn()

    for (const [what, text] of Object.entries(hostileTexts)) {
      await during(`${what}, by MCP`, async () => {
        const { article_id } = await client.ok('create_article', { guideline: text })
        const found = await client.call('extract_guidelines_urls', { article_id })
        if (found.isError) assert.match(found.refusal.code, /^(TEXT_TOO_COMPLEX|LINKS_TOO_MANY)$/)
        await client.call('generate_next_queries', { article_id })
      })
      await during(`${what}, by REST`, async () => {
        const created = await post('/articles', JSON.stringify({ guideline: text }))
        assert.equal(created.status, 201)
      })
      await during(`${what}, by an upload link`, async () => {
        const { url } = await client.ok('request_upload_link', { purpose: 'guideline' })
        const answer = await upload(new URL(String(url)).pathname, 'guideline.md', text)
        assert.equal(answer.status, 201)
      })
      await during(`${what}, by upload`, async () => {
        const answer = await upload(`/articles/${first.article_id}/files`, 'hostile.md', text)
        assert.equal(answer.status, 200)
        await client.ok('create_research_file', { article_id: first.article_id })
        await client.ok('read_research', { article_id: first.article_id })
      })
    }
    await during('a local file of 4 MiB in short lines', async () => {
      const answer = await upload(
        `/articles/${first.article_id}/files`,
        'lines.md',
        filled('> > a\n', 4 * mebibyte),
      )
      assert.equal(answer.status, 200)
      await client.ok('create_research_file', { article_id: first.article_id })
    })
    await during('a notebook of 50,000 cells', async () => {
      const answer = await upload(`/articles/${first.article_id}/files`, 'n.ipynb', notebook)
      assert.equal(answer.status, 200)
    })
    for (const path of ['/mcp', '/articles']) {
      await during(`JSON of 100,000 levels to ${path}`, async () => {
        const answer = await post(path, deepJson('guideline'))
        assert.equal(answer.status, 400)
        assert.match(await answer.text(), /"code":"BODY_TOO_COMPLEX"/)
      })
    }
  })
})
