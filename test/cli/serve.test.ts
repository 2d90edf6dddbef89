import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freshDatabase } from '../support/database.ts'
import { startNova } from '../support/nova-process.ts'

const linkSecret = 'a key of the tests that opens nothing else'

describe('nova serve', () => {
  it('prints the lines that add it to each client, and stops in good order', async () => {
    await using fresh = await freshDatabase()
    const settings = { DATABASE_URL: fresh.url, NOVA_LINK_SECRET: linkSecret }
    await using nova = startNova(['serve', '-p', '0'], settings)
    const [, mcpUrl = ''] = await nova.printed(/MCP +(\S+)\n/)
    await nova.printed(/Ctrl-C/)
    const url = mcpUrl.replace(/\/mcp$/, '')
    for (const line of [
      `Start here   ${url}`,
      `claude mcp add --transport http nova ${mcpUrl}`,
      `"nova": {\n          "url": "${mcpUrl}"`,
      `code --add-mcp '{"name":"nova","type":"http","url":"${mcpUrl}"}'`,
    ]) {
      assert.ok(nova.output().includes(line), line)
    }
    assert.equal((await fetch(`${url}/readyz`)).status, 200)
    nova.signal('SIGTERM')
    assert.equal(await nova.ended, 0)
  })

  it('says that its port is in use', async () => {
    await using fresh = await freshDatabase()
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const settings = { DATABASE_URL: fresh.url, NOVA_LINK_SECRET: linkSecret }
    await using nova = startNova(['serve', '--port', String(port)], settings)
    assert.equal(await nova.ended, 1)
    assert.equal(
      nova.output(),
      `nova: Port ${port} is in use by another program.\n  Stop that program, or set SERVER_PORT to another port.\n`,
    )
    taken.close()
  })

  it('refuses to be public without authentication, and says what to set', async () => {
    await using nova = startNova(['serve', '--host', '0.0.0.0'], {})
    assert.equal(await nova.ended, 1)
    assert.match(
      nova.output(),
      /only listens on loopback, not on 0\.0\.0\.0\.\n {2}Set NOVA_AUTH_ISSUER/,
    )
  })

  it('reads .env of its folder, below the environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nova-env-'))
    await writeFile(join(folder, '.env'), 'SERVER_HOST=0.0.0.0\nMONTHLY_TOOL_CALL_LIMIT=many\n')
    await using nova = startNova(['serve'], { MONTHLY_TOOL_CALL_LIMIT: '5' }, folder)
    assert.equal(await nova.ended, 1)
    assert.match(nova.output(), /not on 0\.0\.0\.0/)
    await rm(folder, { recursive: true })
  })
})
