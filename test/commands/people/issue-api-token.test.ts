import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseApiToken, secretHash } from '../../../src/commands/people/api-token.ts'
import { issueApiToken } from '../../../src/commands/people/issue-api-token.ts'
import { tokenStream } from '../../../src/events/people/token-events.ts'
import { apiTokensProjection, listApiTokens } from '../../../src/projections/people/api-tokens.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

describe('issuing an API token', () => {
  it('stores its hash and its secret nowhere', async () => {
    await using w = await commandWorld()
    const expiresAt = new Date('2026-08-01T00:00:00.000Z')
    const made = await issueApiToken(w.deps, caller('ada'), {
      name: 'nightly',
      scopes: ['nova:read'],
      expiresAt,
    })
    const { secret = '' } = parseApiToken(made.token) ?? {}
    const streamId = tokenStream(made.tokenId)
    const [event] = await w.deps.store.read({ userId: 'ada', streamId })
    assert.deepEqual(event?.data, {
      token_id: made.tokenId,
      name: 'nightly',
      scopes: ['nova:read'],
      secret_sha256: secretHash(secret),
      issued_at: '2026-05-01T12:00:00.000Z',
      expires_at: expiresAt.toISOString(),
    })
    await drainProjection(w.database.projector, apiTokensProjection)
    const listed = await listApiTokens(w.reader, 'ada', 10)
    assert.deepEqual([listed[0]?.token_id, listed.length], [made.tokenId, 1])
    for (const kept of [event, listed]) assert.ok(!JSON.stringify(kept).includes(secret))
    assert.deepEqual(await listApiTokens(w.reader, 'eve', 10), [])
  })

  it('makes it known by its id to whoever presents it, and to nobody who asks for another', async () => {
    await using w = await commandWorld()
    const expiresAt = null
    const issue = (user: string) =>
      issueApiToken(w.deps, caller(user), { name: user, scopes: ['nova:read'], expiresAt })
    const [ada, eve] = await Promise.all([issue('ada'), issue('eve')])
    await drainProjection(w.database.projector, apiTokensProjection)
    const tokens = w.deps.apiTokens
    // Asked in one turn of the event loop, they share a statement.
    const ids = Array.from({ length: 250 }, (_, n) =>
      n % 3 === 0 ? ada.tokenId : n % 3 === 1 ? eve.tokenId : '0'.repeat(16),
    )
    const found = await Promise.all(ids.map((id) => tokens.find(id)))
    for (const [n, token] of found.entries()) {
      assert.equal(token?.userId, ['ada', 'eve', undefined][n % 3])
    }
    // Row-level security, and not the condition of a query, shows one row to a session that names one.
    const client = await w.database.app.connect()
    try {
      await client.query('begin')
      assert.equal((await client.query('select from nova.api_tokens')).rowCount, 0)
      await client.query(`select set_config('app.token_id', $1, true)`, [ada.tokenId])
      const { rows } = await client.query('select user_id from nova.api_tokens')
      assert.deepEqual(rows, [{ user_id: 'ada' }])
      await client.query('rollback')
      assert.equal((await client.query('select from nova.api_tokens')).rowCount, 0)
    } finally {
      client.release()
    }
  })
})
