import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { issueApiToken } from '../../../src/commands/people/issue-api-token.ts'
import {
  decideRevokeApiToken,
  revokeApiToken,
} from '../../../src/commands/people/revoke-api-token.ts'
import { apiTokensProjection } from '../../../src/projections/people/api-tokens.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { rebuildProjection } from '../../../src/store/projections/rebuild-projection.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const command = { tokenId: '0123456789abcdef', now: new Date(0) }

describe('revoking an API token', () => {
  it('happens once', () => {
    assert.equal(decideRevokeApiToken(command, 'valid').length, 1)
    assert.deepEqual(decideRevokeApiToken(command, 'revoked'), [])
  })

  it('is refused alike for one that does not exist and one of somebody else', async () => {
    await using w = await commandWorld()
    const wanted = { name: 'a', scopes: ['nova:read'] as const, expiresAt: null }
    const { tokenId } = await issueApiToken(w.deps, caller('ada'), wanted)
    for (const id of [tokenId, command.tokenId]) {
      await assert.rejects(revokeApiToken(w.deps, caller('eve'), { tokenId: id }), {
        code: 'TOKEN_NOT_FOUND',
        message: 'There is no such API token.',
        details: {},
      })
    }
  })

  it('counts at once, while the projection has not seen it, and after a rebuild', async () => {
    await using w = await commandWorld()
    const wanted = { name: 'a', scopes: ['nova:read'] as const, expiresAt: null }
    const { tokenId } = await issueApiToken(w.deps, caller('ada'), wanted)
    const tokens = w.deps.apiTokens
    assert.equal(await tokens.find(tokenId), null)
    await drainProjection(w.database.projector, apiTokensProjection)
    assert.equal((await tokens.find(tokenId))?.revoked, false)
    await revokeApiToken(w.deps, caller('ada'), { tokenId })
    assert.equal((await tokens.find(tokenId))?.revoked, true)
    await drainProjection(w.database.projector, apiTokensProjection)
    assert.equal((await tokens.find(tokenId))?.revoked, true)
    await rebuildProjection(w.database, apiTokensProjection)
    assert.equal((await tokens.find(tokenId))?.revoked, true)
  })
})
