import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { freshDatabase } from '../../support/database.ts'

const mebibyte = 1024 * 1024
const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

describe('nova mcp', { concurrency: 1 }, () => {
  it('serves a client of today over stdin and stdout, as the local user', async () => {
    await using db = await freshDatabase()
    const client = new Client(
      { name: 'nova-test', version: '2' },
      { versionNegotiation: { mode: 'auto' } },
    )
    await client.connect(new StdioClientTransport(command(db.url)))
    try {
      assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28')
      const made = await client.callTool({
        name: 'create_article',
        arguments: { guideline: '# By stdio' },
      })
      assert.equal(made.isError, undefined, JSON.stringify(made))
      const listed = await client.callTool({ name: 'list_articles', arguments: {} })
      assert.match(JSON.stringify(listed.structuredContent), /By stdio/)
    } finally {
      await client.close()
    }
  })

  it('refuses a message that is too large or nests too deep, and goes on with the next', async () => {
    await using db = await freshDatabase()
    for (const client of [
      new Client({ name: 'nova-test', version: '2' }, { versionNegotiation: { mode: 'auto' } }),
      new OldClient({ name: 'nova-test', version: '1' }),
    ]) {
      const transport = client instanceof Client ? StdioClientTransport : OldTransport
      await client.connect(new transport(command(db.url)) as StdioClientTransport & OldTransport)
      try {
        const call = (args: Record<string, unknown>) =>
          client.callTool({ name: 'create_article', arguments: args })
        let deep: unknown = 'x'
        for (let level = 0; level < 200; level += 1) deep = [deep]
        await assert.rejects(call({ guideline: deep }), /nests deeper than 64 levels/)
        const many = Array.from({ length: 60_000 }, () => 1)
        await assert.rejects(call({ guideline: many }), /more than 50000 values/)
        const large = call({ guideline: 'x'.repeat(12 * mebibyte) })
        await assert.rejects(large, /larger than 4194304 bytes/)
        const made = await call({ guideline: `# ${'[{'.repeat(1000)}` })
        assert.equal(made.isError, undefined, JSON.stringify(made))
      } finally {
        await client.close()
      }
    }
  })

  it('serves a client of 2025 over stdin and stdout', async () => {
    await using db = await freshDatabase()
    const client = new OldClient({ name: 'nova-test', version: '1' })
    await client.connect(new OldTransport(command(db.url)))
    try {
      const listed = await client.callTool({ name: 'list_articles', arguments: {} })
      assert.equal(listed.isError, undefined, JSON.stringify(listed))
    } finally {
      await client.close()
    }
  })
})

const command = (url: string) => ({
  command: process.execPath,
  args: [main, 'mcp'],
  env: { DATABASE_URL: url, NOVA_LINK_SECRET: 'k'.repeat(32), LOG_LEVEL: 'silent' },
})
