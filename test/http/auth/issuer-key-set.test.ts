import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { createTokenVerifier } from '../../../src/http/auth/token-verifier.ts'
import { startIssuer } from '../../support/issuer.ts'
import { until } from '../../support/until.ts'

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

  it('are asked for once by tokens that name none of them, until some time has passed', async (t) => {
    await using issuer = await startIssuer(audience)
    const now = new Date()
    const options = { now: () => now, cooldownMs: 30_000, refreshMs: 1e9 }
    const verify = createTokenVerifier({ issuer: issuer.url, audience: () => audience }, options)
    t.mock.timers.enable({ apis: ['Date'], now })
    assert.equal((await verify(await issuer.token())).userId, 'ann')
    const refused = { code: 'UNAUTHENTICATED' }
    const stray = await issuer.token({ kid: 'stray' })
    for (let n = 0; n < 5; n++) await assert.rejects(verify(stray), refused)
    assert.equal(issuer.keyRequests(), 1)
    t.mock.timers.tick(30_001)
    for (let n = 0; n < 5; n++) await assert.rejects(verify(stray), refused)
    assert.equal(issuer.keyRequests(), 2)
  })

  it('are forgotten within minutes once the issuer publishes them no more', async (t) => {
    await using issuer = await startIssuer(audience)
    const now = new Date()
    const options = { now: () => now, cooldownMs: 0 }
    const verify = createTokenVerifier({ issuer: issuer.url, audience: () => audience }, options)
    const token = await issuer.token()
    t.mock.timers.enable({ apis: ['Date'], now })
    assert.equal((await verify(token)).userId, 'ann')
    await issuer.rotate({ forget: true })
    t.mock.timers.tick(599_000)
    assert.equal((await verify(token)).userId, 'ann')
    t.mock.timers.tick(2000)
    // The keys of before serve until the new ones have come.
    const isForgotten = () =>
      verify(token).then(
        () => false,
        ({ code }) => code === 'UNAUTHENTICATED',
      )
    await until(isForgotten, 'the withdrawn key to be refused')
  })

  it('are not looked for in metadata of any size', async () => {
    await using large = await startLargeIssuer()
    const verify = createTokenVerifier({ issuer: large.url, audience: () => audience })
    await using issuer = await startIssuer(audience)
    await assert.rejects(verify(await issuer.token({ iss: large.url })), unavailable)
    assert.equal(large.keyRequests(), 0)
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
const startMovedIssuer = (location: string) =>
  startOddIssuer((url) => ({ issuer: url, jwks_uri: `${url}/keys` }), { location })

/** An issuer with more to say of itself than anybody reads. */
const startLargeIssuer = () =>
  startOddIssuer((url) => ({ issuer: url, jwks_uri: `${url}/keys`, more: ' '.repeat(1_000_000) }))

async function startOddIssuer(metadata: (url: string) => object, keys: { location?: string } = {}) {
  let asked = 0
  const server = createServer((request, response) => {
    if (request.url === '/keys') {
      asked++
      return response.writeHead(keys.location ? 302 : 200, keys).end('{"keys":[]}')
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.end(JSON.stringify(metadata(url)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    keyRequests: () => asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
