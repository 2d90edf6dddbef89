import { randomUUID } from 'node:crypto'
import { parseApiToken } from '../src/commands/api-token.ts'
import { assignPlan } from '../src/commands/assign-plan.ts'
import { issueApiToken } from '../src/commands/issue-api-token.ts'
import { admitToolCall } from '../src/commands/tool-calls.ts'
import { createApiTokenVerifier } from '../src/http/auth/api-token-verifier.ts'
import { createTokenVerifier } from '../src/http/auth/token-verifier.ts'
import { projections } from '../src/projections/registry.ts'
import { createAdmission } from '../src/store/postgres-admission.ts'
import { createApiTokens } from '../src/store/postgres-api-tokens.ts'
import { createContents } from '../src/store/postgres-contents.ts'
import { PostgresEventStore } from '../src/store/postgres-event-store.ts'
import { drainProjection } from '../src/store/projection-step.ts'
import { StreamSignal } from '../src/store/stream-signal.ts'
import { startIssuer } from '../test/support/issuer.ts'
import { type Contender, type Line, lineOf, roundRobin } from './store/measure.ts'
import { type BenchServer, startBenchServer } from './store/server.ts'

const metadata = { actor: 'agent' } as const
const tokensIssued = 2000
const goalPerSecond = 5000

/** What letting somebody in costs: tokens, and admission with and without a plan. */
export async function* access(part?: string): AsyncGenerator<object> {
  await using server = await startBenchServer()
  if (part !== 'plans') yield* tokens(server)
  if (part !== 'tokens') yield* plans(server)
}

function depsOn(database: Awaited<ReturnType<BenchServer['createNova']>>['database']) {
  const signal = new StreamSignal()
  return {
    store: new PostgresEventStore(database, signal),
    contents: createContents(database.app),
    admission: createAdmission(database.app, signal),
    now: () => new Date(),
    newId: randomUUID,
  }
}

/** Nothing is cached for API tokens, so each costs a statement; a JWT costs a signature. */
async function* tokens(server: BenchServer): AsyncGenerator<Line> {
  await using made = await server.createNova('tokens', 16)
  const { database } = made
  const deps = depsOn(database)
  const issued: ReturnType<typeof parseApiToken>[] = []
  for (let n = 0; n < tokensIssued; n++) {
    const caller = { userId: `user-${n % 200}`, metadata }
    const wanted = { name: 'bench', scopes: ['nova:read'] as const, expiresAt: null }
    issued.push(parseApiToken((await issueApiToken(deps, caller, wanted)).token))
  }
  for (const projection of projections) await drainProjection(database.projector, projection)
  const log = { warn: () => {} }
  const verify = createApiTokenVerifier({ apiTokens: createApiTokens(database.app), log, ...deps })
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

/** Each with a month of its own, full of calls; the burst looks back over the last minute's. */
async function* plans(server: BenchServer): AsyncGenerator<Line> {
  await using made = await server.createNova('plans', 16)
  const deps = depsOn(made.database)
  const unlimited = { callsPerMinute: 0, concurrentOperations: 0, assignedBy: null }
  const limits = {
    'no plan': null,
    'a plan': { ...unlimited, callsPerMonth: 1_000_000 },
    'a plan with a limit of 600 a minute': {
      ...unlimited,
      callsPerMonth: 1_000_000,
      callsPerMinute: 600,
    },
  }
  const contenders: Contender[] = []
  for (const [name, plan] of Object.entries(limits)) {
    const caller = { userId: name.replaceAll(' ', '-'), metadata }
    if (plan) await assignPlan(deps, caller, plan)
    const admit = () =>
      admitToolCall(deps, caller, {
        callId: randomUUID(),
        tool: 'list_articles',
        articleId: null,
        limit: 0,
      }).catch(() => {})
    for (let n = 0; n < 590; n++) await admit()
    contenders.push({ name, size: 1, lane: () => admit })
  }
  for (const projection of projections) await drainProjection(made.database.projector, projection)
  const measured = await roundRobin(contenders, { lanes: 1, sliceMs: 700 })
  const bare = measured.get('no plan')
  for (const [name, result] of measured) {
    const against = bare && name !== 'no plan' ? { name: 'no plan', ...bare } : undefined
    yield lineOf('admission by plan', name, 'calls/s', result, against)
  }
}
