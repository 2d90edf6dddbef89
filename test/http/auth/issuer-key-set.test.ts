import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { createTokenVerifier } from '../../../src/http/auth/token-verifier.ts'
import { startIssuer } from '../../support/issuer.ts'

const audience = 'https://nova.example/mcp'
const unavailable = { code: 'ISSUER_UNAVAILABLE' }

describe("an issuer's keys in a running server", () => {
  it('count for a day while the issuer is down, and no longer', async (t) => {
    await using issuer = await startIssuer(audience)
    const now = new Date()
    const verify = createTokenVerifier(
      { issuer: issuer.url, audience: () => audience },
      // Only the age of the keys is in question here.
      { now: () => now, cooldownMs: 0 },
    )
    const token = await issuer.token()
    t.mock.timers.enable({ apis: ['Date'], now })
    assert.equal((await verify(token)).userId, 'ann')
    await issuer.stop()
    t.mock.timers.tick(23 * 3_600_000)
    assert.equal((await verify(token)).userId, 'ann')
    t.mock.timers.tick(2 * 3_600_000)
    await assert.rejects(verify(token), unavailable)
  })

  it('are not taken from where their address redirects to', async () => {
    await using issuer = await startIssuer(audience)
    await using elsewhere = await startMovedIssuer(`${issuer.url}/keys`)
    const verify = createTokenVerifier({ issuer: elsewhere.url, audience: () => audience })
    await assert.rejects(verify(await issuer.token({ iss: elsewhere.url })), unavailable)
    assert.equal(issuer.keyRequests(), 0)
  })
})

/** An issuer whose address of keys sends everybody on. */
async function startMovedIssuer(location: string) {
  const server = createServer((request, response) => {
    if (request.url === '/keys') return response.writeHead(302, { location }).end()
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
