import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { grantedScopes, localIdentity } from '../../../src/commands/people/identity.ts'

describe('scopes of a token', () => {
  const claims: [string[], string[]][] = [
    [['nova:admin'], ['nova:read', 'nova:write', 'nova:admin']],
    [['nova:write'], ['nova:read', 'nova:write']],
    [['openid', 'nova:read', 'email'], ['nova:read']],
    [['openid', 'admin', 'nova:'], []],
    [[], []],
  ]
  for (const [claimed, granted] of claims) {
    it(`${claimed.join(' ') || 'none'} grant ${granted.join(' ') || 'nothing'}`, () => {
      assert.deepEqual([...grantedScopes(claimed)], granted)
    })
  }

  it('the local user has all of them', () => {
    assert.deepEqual([...localIdentity.scopes], [...grantedScopes(['nova:admin'])])
  })
})
