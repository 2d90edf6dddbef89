import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { token } from '../../src/cli/token.ts'
import { createApiTokens } from '../../src/store/people/api-tokens.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { emptyDatabase, freshDatabase } from '../support/database.ts'

async function run(url: string, positionals: string[], options: Record<string, string> = {}) {
  const terminal = rememberingTerminal()
  const code = await token.run(cliCall(terminal, { DATABASE_URL: url }, { positionals, options }))
  return { code, out: terminal.out(), err: terminal.err() }
}

describe('nova token', () => {
  it('prints a new token alone on stdout, lists it without its secret, and revokes it by its id', async () => {
    await using fresh = await freshDatabase()
    const options = { user: 'ann', name: 'nightly', scopes: 'read', days: '0' }
    const { out, err } = await run(fresh.url, ['create'], options)
    const [, id = '', secret = ''] = /^nova_([0-9a-f]{16})_([0-9a-f]{64})$/.exec(out) ?? []
    assert.match(err, /For ann: nova:read; until it is revoked\.\nThis is the only time/)
    const stored = await createApiTokens(fresh.database.app).find(id)
    assert.deepEqual(
      [stored?.userId, stored?.scopes, stored?.revoked],
      ['ann', ['nova:read'], false],
    )
    const listed = await run(fresh.url, ['list'], { user: 'ann' })
    assert.match(listed.out, new RegExp(`^${id} +nightly +nova:read +valid`, 'm'))
    assert.ok(!listed.out.includes(secret))
    assert.match((await run(fresh.url, ['revoke', id])).out, /no longer counts/)
    assert.match((await run(fresh.url, ['revoke', id])).out, /revoked before/)
    assert.equal((await createApiTokens(fresh.database.app).find(id))?.revoked, true)
    assert.match((await run(fresh.url, ['list'], { user: 'ann' })).out, /revoked/)
  })

  it('works before a server ever ran', async () => {
    await using empty = await emptyDatabase()
    assert.match((await run(empty.url, ['create'])).out, /^nova_/)
  })

  it('refuses what it does not know', async () => {
    await using fresh = await freshDatabase()
    await assert.rejects(run(fresh.url, ['make']), /takes `create`/)
    await assert.rejects(run(fresh.url, ['revoke']), /takes `create`/)
    await assert.rejects(run(fresh.url, ['create'], { scopes: 'all' }), /not "all"/)
    await assert.rejects(run(fresh.url, ['revoke', '0'.repeat(16)]), { code: 'TOKEN_NOT_FOUND' })
  })
})
