import { parseApiToken } from '../../src/commands/people/api-token.ts'
import { issueApiToken } from '../../src/commands/people/issue-api-token.ts'
import { composeStores } from '../../src/compose/compose-stores.ts'
import { createApiTokenVerifier } from '../../src/http/auth/authenticate.ts'
import { createTokenVerifier } from '../../src/http/auth/token-verifier.ts'
import { projections } from '../../src/projections/registry.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { startIssuer } from '../../test/support/issuer.ts'
import { metadata } from '../store/event.ts'
import { type Contender, type Line, lineOf, roundRobin } from '../store/measure.ts'
import type { BenchServer } from '../store/server.ts'

const tokensIssued = 2000
const goalPerSecond = 5000

/** Nothing is cached for API tokens, so each costs a statement; a JWT costs a signature. */
export async function* tokens(server: BenchServer): AsyncGenerator<Line> {
  await using made = await server.createNova('tokens', 16)
  const { database } = made
  const deps = composeStores(database)
  const issued: ReturnType<typeof parseApiToken>[] = []
  for (let n = 0; n < tokensIssued; n++) {
    const caller = { userId: `user-${n % 200}`, metadata }
    const wanted = { name: 'bench', scopes: ['nova:read'] as const, expiresAt: null }
    issued.push(parseApiToken((await issueApiToken(deps, caller, wanted)).token))
  }
  for (const projection of projections) await drainProjection(database.projector, projection)
  const log = { warn: () => {} }
  const verify = createApiTokenVerifier({ log, ...deps })
  await using issuer = await startIssuer('https://nova.example/mcp')
  const verifyJwt = createTokenVerifier({
    issuer: issuer.url,
    audience: () => 'https://nova.example/mcp',
  })
  const jwt = await issuer.token()
  for (const token of issued) if (token) await verify(token)
  let next = 0
  const apiToken = async () => {
    const token = issued[next++ % issued.length]
    if (token) await verify(token)
  }
  const contenders: Contender[] = [
    { name: 'API token', size: 1, lane: () => apiToken },
    { name: 'JWT, RS256', size: 1, lane: () => () => verifyJwt(jwt) },
  ]
  for (const lanes of [1, 8]) {
    const measured = await roundRobin(contenders, { lanes, sliceMs: 1000 })
    for (const [name, result] of measured) {
      const goal = { name: 'the goal', perSecond: goalPerSecond, goal: 1 }
      yield lineOf(`tokens, ${lanes} at once`, name, 'tokens/s', result, goal)
    }
  }
}
