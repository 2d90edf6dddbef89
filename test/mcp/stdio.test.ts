import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { freshDatabase } from '../support/database.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

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
