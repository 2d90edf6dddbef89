import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseApiToken } from '../../../src/commands/people/api-token.ts'
import { issueApiToken } from '../../../src/commands/people/issue-api-token.ts'
import { createApiTokenVerifier } from '../../../src/http/auth/authenticate.ts'
import { apiTokensProjection } from '../../../src/projections/people/api-tokens.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { until } from '../../support/until.ts'

/** A token of Ada's that counts until noon, and what verifies it by the world's clock. */
async function world() {
  const w = await commandWorld()
  const noon = new Date('2040-05-02T12:00:00.000Z')
  const issued = await issueApiToken(w.deps, caller('ada'), {
    name: 'nightly',
    scopes: ['nova:read'],
    expiresAt: noon,
  })
  await drainProjection(w.database.projector, apiTokensProjection)
  const token = parseApiToken(issued.token) ?? assert.fail()
  const warnings: unknown[] = []
  let noted = 0
  const verifierOf = (used: () => Promise<void>) =>
    createApiTokenVerifier({
      apiTokens: {
        find: (id) => w.deps.apiTokens.find(id),
        used: (userId, id) => {
          noted += 1
          return used().then(() => w.deps.apiTokens.used(userId, id))
        },
      },
      now: () => w.clock.now,
      log: { warn: (what: unknown) => warnings.push(what) },
    })
  return { ...w, noon, token, warnings, verifierOf, noted: () => noted }
}

const before = (at: Date, ms: number) => new Date(at.getTime() - ms)

describe('an API token', { concurrency: true }, () => {
  it('counts until the millisecond before it expires, and not in the one in which it does', async () => {
    await using w = await world()
    const verify = w.verifierOf(async () => {})
    w.clock.now = before(w.noon, 1)
    const { userId, scopes } = await verify(w.token)
    assert.deepEqual([userId, [...scopes]], ['ada', ['nova:read']])
    w.clock.now = w.noon
    await assert.rejects(verify(w.token), { code: 'UNAUTHENTICATED' })
  })

  it('has its use noted again after more than a minute', async () => {
    await using w = await world()
    const verify = w.verifierOf(async () => {})
    const lastUse = async () => (await w.deps.apiTokens.find(w.token.tokenId))?.lastUsedAt
    await verify(w.token)
    await until(async () => Boolean(await lastUse()), 'the use to be noted')
    const used = (await lastUse()) ?? assert.fail()
    for (const [ms, times] of [
      [59_000, 1],
      [60_000, 1],
      [60_001, 2],
    ] as const) {
      w.clock.now = new Date(used.getTime() + ms)
      await verify(w.token)
      assert.equal(w.noted(), times, `${ms} ms after the last use`)
    }
  })

  it('lets in also where its use cannot be noted, which the log says', async () => {
    await using w = await world()
    const verify = w.verifierOf(async () => {
      throw new Error('the disk is full')
    })
    w.clock.now = before(w.noon, 1)
    assert.equal((await verify(w.token)).userId, 'ada')
    await until(() => w.warnings.length === 1, 'the log to say so')
  })
})
