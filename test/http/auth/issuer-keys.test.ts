import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createTokenVerifier } from '../../../src/http/auth/token-verifier.ts'
import { createIssuerKeyStore } from '../../../src/store/people/issuer-key-store.ts'
import { startTestApp } from '../../support/app.ts'
import { freshDatabase } from '../../support/database.ts'
import { startIssuer } from '../../support/issuer.ts'
import { until } from '../../support/until.ts'

const audience = 'https://nova.example/mcp'
const unavailable = { code: 'ISSUER_UNAVAILABLE' }

/** An issuer, a database, and servers that start one after the other. */
async function world() {
  const closing = new AsyncDisposableStack()
  const issuer = closing.use(await startIssuer(audience))
  const db = closing.use(await freshDatabase())
  const kept = createIssuerKeyStore(db.database.app)
  const server = () =>
    createTokenVerifier({ issuer: issuer.url, audience: () => audience }, { kept, cooldownMs: 0 })
  const isKept = async () => (await kept.load(issuer.url)) !== null
  return {
    issuer,
    server,
    isKept,
    sql: (text: string) => db.database.owner.query(text),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

describe('a server that starts while the issuer is down', { concurrency: true }, () => {
  it('lets in whom the keys of before vouch for, and nobody whose key it never saw', async () => {
    await using w = await world()
    const token = await w.issuer.token()
    await w.server()(token)
    await until(w.isKept, "the issuer's keys to be kept")
    await w.issuer.stop()
    const restarted = w.server()
    assert.equal((await restarted(token)).userId, 'ann')
    await assert.rejects(restarted(await w.issuer.token({ kid: 'other' })), unavailable)
    await w.issuer.rotate()
    await assert.rejects(restarted(await w.issuer.token()), unavailable)
    const health = restarted.health()
    assert.equal(health.ok, false)
    assert.match(health.detail, /^does not answer; its last keys count until \d{4}-/)
  })

  it('lets nobody in when those keys are more than a day old', async () => {
    await using w = await world()
    const token = await w.issuer.token()
    await w.server()(token)
    await until(w.isKept, "the issuer's keys to be kept")
    await w.issuer.stop()
    await w.sql(`update nova.issuer_keys set confirmed_at = now() - interval '25 hours'`)
    const restarted = w.server()
    await assert.rejects(restarted(token), unavailable)
    assert.equal(restarted.health().detail, 'does not answer; users cannot sign in')
  })

  it('lets nobody in when it never knew a key', async () => {
    await using w = await world()
    const token = await w.issuer.token()
    await w.issuer.stop()
    await assert.rejects(w.server()(token), unavailable)
  })

  it('goes by what the issuer says now as soon as that answers again', async () => {
    await using w = await world()
    const old = await w.issuer.token()
    await w.server()(old)
    await until(w.isKept, "the issuer's keys to be kept")
    await w.issuer.stop()
    const restarted = w.server()
    await restarted(old)
    await w.issuer.rotate({ forget: true })
    await w.issuer.start()
    const next = await w.issuer.token()
    await until(async () => {
      await restarted(old).catch(() => {})
      return restarted.health().ok
    }, 'the issuer to be well again')
    assert.equal((await restarted(next)).userId, 'ann')
    await assert.rejects(restarted(old), { code: 'UNAUTHENTICATED' })
    // And the next restart knows the new key, and the old one no more.
    await until(async () => {
      // One that could not be saved is tried again by the next request.
      await restarted(next)
      return (
        (
          await w.sql(
            `select from nova.issuer_keys where keys::text ~ '"k2"' and keys::text !~ '"k1"'`,
          )
        ).rowCount === 1
      )
    }, 'the new keys to be kept in place of the old')
  })
})

describe('/readyz with an issuer', () => {
  it('says degraded, and not unready, while the issuer does not answer', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startTestApp(
      { NOVA_AUTH_ISSUER: issuer.url, SERVER_URL: 'https://nova.example' },
      { verifier: { cooldownMs: 0 }, clock: issuer.clock },
    )
    const headers = { host: 'nova.example' }
    const ready = () => test.app.inject({ url: '/readyz', headers })
    const issuerCheck = { name: 'issuer', ok: true, detail: 'not asked yet' }
    assert.deepEqual((await ready()).json().checks, [issuerCheck])
    const authorization = `Bearer ${await issuer.token()}`
    await issuer.stop()
    await test.app.inject({ url: '/articles', headers: { ...headers, authorization } })
    const answer = await ready()
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.json().degraded, true)
    const detail = 'does not answer; users cannot sign in'
    assert.deepEqual(answer.json().checks, [{ name: 'issuer', ok: false, detail }])
  })
})
