import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { freshDatabase } from '../../support/database.ts'
import { headersFor, type McpWorld, mcpWorld } from '../../support/mcp-world.ts'

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
/** Nothing is there, so nothing of it can be read and the run has to ask. */
const guideline = '# The log\n\nRead http://pages.example/one and http://pages.example/two.\n'

type Said = { action: 'accept'; content: { decision: string } } | { action: 'decline' }

/** A client of today whose user is asked by a form. */
async function askedClient(world: McpWorld, say: () => Said) {
  const forms: string[] = []
  const client = new Client(
    { name: 'nova-test', version: '2' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: { pin: '2026-07-28' } } },
  )
  client.setRequestHandler('elicitation/create', (request) => {
    forms.push(request.params.message)
    return say()
  })
  const requestInit = { headers: headersFor('ada') }
  await client.connect(new StreamableHTTPClientTransport(world.url, { requestInit }))
  const call = async (name: string, args: Record<string, unknown>) => {
    const answer = await client.callTool({ name, arguments: args })
    assert.notEqual(answer.isError, true, JSON.stringify(answer))
    return answer as typeof answer & { structuredContent: Record<string, unknown> }
  }
  const { structuredContent } = await call('create_article', { guideline })
  const article_id = String(structuredContent.article_id)
  const research = () =>
    call('research_article', { article_id, rounds: 0, wait_seconds: 50 }).then(
      (answer) => answer.structuredContent,
    )
  return { forms, article_id, research, [Symbol.asyncDispose]: () => client.close() }
}

const runsOf = async (world: McpWorld, articleId: string) =>
  (await loadArticle(world.nova.services.store, 'ada', articleId)).article.runs

describe('the question of a run', { concurrency: 2 }, () => {
  it('is put to the user of a client that can ask, and the same call goes on with the answer', async () => {
    await using world = await mcpWorld()
    const say = () => ({ action: 'accept' as const, content: { decision: 'continue' } })
    await using client = await askedClient(world, say)
    const answer = await client.research()
    assert.equal(answer.status, 'finished')
    assert.equal(client.forms.length, 1)
    assert.match(client.forms[0] ?? '', /0 of 2 succeeded[\s\S]*pages\.example\/two[\s\S]*continue/)
    assert.equal((await runsOf(world, client.article_id)).size, 1)
  })

  it('stays open, in words, when the user does not decide', async () => {
    await using world = await mcpWorld()
    await using client = await askedClient(world, () => ({ action: 'decline' }))
    const answer = await client.research()
    assert.equal(answer.status, 'paused')
    assert.equal(client.forms.length, 1)
    const [run] = (await runsOf(world, client.article_id)).values()
    assert.equal(run?.question?.number, 1)
  })

  it('that stops the run ends it', async () => {
    await using world = await mcpWorld()
    const say = () => ({ action: 'accept' as const, content: { decision: 'stop' } })
    await using client = await askedClient(world, say)
    assert.equal((await client.research()).status, 'cancelled')
  })

  it('reaches the user of a client of 2025 over stdio', async () => {
    await using db = await freshDatabase()
    const client = new OldClient(
      { name: 'nova-test', version: '1' },
      { capabilities: { elicitation: {} } },
    )
    const forms: string[] = []
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      forms.push(params.message)
      return { action: 'accept', content: { decision: 'continue' } }
    })
    const env = { DATABASE_URL: db.url, NOVA_LINK_SECRET: 'k'.repeat(32), LOG_LEVEL: 'silent' }
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [main, 'mcp'], env }),
    )
    try {
      const call = async (name: string, args: Record<string, unknown>) =>
        (await client.callTool({ name, arguments: args }, undefined, { timeout: 240_000 }))
          .structuredContent as Record<string, unknown>
      // An address of this machine is never fetched, so it fails without a network.
      const made = await call('create_article', { guideline: '# Log\n\nhttp://127.0.0.1:9/one\n' })
      const { article_id } = made
      let run = await call('research_article', { article_id, rounds: 0, wait_seconds: 50 })
      while (run.status === 'running') {
        const { run_id } = run
        run = await call('research_article', { article_id, run_id, wait_seconds: 50 })
      }
      assert.equal(run.status, 'finished')
      assert.match(forms[0] ?? '', /0 of 1 succeeded/)
    } finally {
      await client.close()
    }
  })
})
