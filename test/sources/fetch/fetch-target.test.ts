import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fetch } from 'undici'
import { createFetchAgent } from '../../../src/sources/fetch/fetch-agent.ts'
import { fetchTarget } from '../../../src/sources/fetch/fetch-target.ts'
import { startSite } from '../../support/site.ts'

const allow = [{ host: 'api.example', port: 8443 }]

describe('an address to fetch', () => {
  const accepted: [string, string][] = [
    ['https://site.example/a#part', 'https://site.example/a'],
    ['https://site.example./a', 'https://site.example/a'],
    ['http://site.example:8080/', 'http://site.example:8080/'],
    ['https://api.example:8443/', 'https://api.example:8443/'],
    [`https://site.example/${'a'.repeat(7979)}`, `https://site.example/${'a'.repeat(7979)}`],
  ]
  for (const [address, target] of accepted) {
    it(`may be ${address.slice(0, 60)}`, () => {
      assert.equal(fetchTarget(address, allow).href, target)
    })
  }

  const refused: [what: string, address: string, reason: string][] = [
    ['no address', 'site.example', 'BAD_URL'],
    ['another protocol', 'ftp://site.example/', 'BAD_URL'],
    ['a user name', 'https://ada@site.example/', 'BAD_URL'],
    ['a password', 'https://:secret@site.example/', 'BAD_URL'],
    ['more than 8000 characters', `https://site.example/${'a'.repeat(7980)}`, 'BAD_URL'],
    ['a host without a dot', 'http://wiki/', 'BLOCKED_ADDRESS'],
    ['a host of a home', 'http://printer.local/', 'BLOCKED_ADDRESS'],
    ['a host of a home, with a dot behind', 'http://printer.local./', 'BLOCKED_ADDRESS'],
    ['a port of the system', 'http://site.example:22/', 'BLOCKED_ADDRESS'],
    ['the port of a database', 'http://site.example:5432/', 'BLOCKED_ADDRESS'],
    ['a private address', 'http://10.0.0.1/', 'BLOCKED_ADDRESS'],
    ['a private address as a number', 'http://167772161/', 'BLOCKED_ADDRESS'],
    ['another port of an allowed host', 'https://api.example:25/', 'BLOCKED_ADDRESS'],
  ]
  for (const [what, address, reason] of refused) {
    it(`may not have ${what}`, () => {
      assert.throws(() => fetchTarget(address, allow), { reason })
    })
  }
})

describe('a connection', () => {
  it('is not made to a private address, whoever asks for it', async () => {
    await using site = await startSite({ '/': 'x' })
    const agent = createFetchAgent({ allow: [] })
    const asked = fetch(site.origin, { dispatcher: agent })
    await assert.rejects(asked, ({ cause }) => Object(cause).reason === 'BLOCKED_ADDRESS')
    assert.deepEqual(site.requests, [])
    await agent.close()
  })
})
