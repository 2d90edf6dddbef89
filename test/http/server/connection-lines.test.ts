import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { connectionLines } from '../../../src/http/server/connection-lines.ts'

const mcpUrl = 'http://127.0.0.1:8000/mcp'
const guide = new URL('../../../docs/clients.md', import.meta.url)

/** The table as a page of the documentation. */
const written = (): string =>
  [
    '# Connecting a client',
    'Lines for a server on this machine. On another one put its address in; `nova serve` prints them with it, and the start page of the server has them with a button. A server with `NOVA_ACCESS_TOKEN` wants the token beside the address, as its start page shows.',
    ...connectionLines(mcpUrl, 'local').flatMap(({ client, where, lines, oneClick }) => [
      `## ${client}`,
      `${where}:`,
      `\`\`\`\n${lines}\n\`\`\``,
      ...(oneClick ? [`Or at one click, as an address:`, `\`\`\`\n${oneClick}\n\`\`\``] : []),
    ]),
  ].join('\n\n')

const decoded = (address: string): unknown => {
  const { protocol, search, searchParams } = new URL(address)
  const config = searchParams.get('config')
  if (config) return JSON.parse(Buffer.from(config, 'base64').toString('utf8'))
  assert.equal(protocol, 'vscode:')
  return JSON.parse(decodeURIComponent(search.slice(1)))
}

describe('the lines that add this server to a client', () => {
  it('name its address, once, wherever it is', () => {
    const address = 'https://nova.example/base/mcp'
    for (const { client, lines } of connectionLines(address, 'oidc')) {
      assert.equal(lines.split(address).length, 2, client)
    }
  })

  it('open the client at one click with just the address', () => {
    const addresses = connectionLines(mcpUrl, 'local').flatMap(({ oneClick }) => oneClick ?? [])
    assert.equal(addresses.length, 3)
    for (const address of addresses) {
      const { name = 'nova', type = 'http', url } = Object(decoded(address))
      assert.deepEqual([name, type, url], ['nova', 'http', mcpUrl])
    }
  })

  it('say where a token goes, and never at one click', () => {
    const lines = connectionLines(mcpUrl, 'token')
    for (const { client, lines: text, oneClick } of lines) {
      assert.equal(oneClick, undefined, client)
      const isByHand = client.includes('ChatGPT')
      assert.equal(/YOUR_ACCESS_TOKEN|NOVA_ACCESS_TOKEN/.test(text), !isByHand, client)
    }
  })

  it('are JSON where they go into a file of JSON', () => {
    for (const { client, where, lines } of connectionLines(mcpUrl, 'local')) {
      if (/\.json\b/.test(where)) assert.doesNotThrow(() => JSON.parse(lines), client)
    }
  })

  it('are those of docs/clients.md', () => {
    if (process.env.UPDATE_SNAPSHOTS) writeFileSync(guide, `${written()}\n`)
    assert.equal(readFileSync(guide, 'utf8'), `${written()}\n`)
  })
})
