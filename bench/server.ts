import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { issueApiToken } from '../src/commands/people/issue-api-token.ts'
import { composeStores } from '../src/compose/compose-stores.ts'
import { apiTokensProjection } from '../src/projections/people/api-tokens.ts'
import type { Database } from '../src/store/database/database.ts'
import { PostgresEventStore } from '../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../src/store/events/stream-signal.ts'
import { drainProjection } from '../src/store/projections/projection-step.ts'
import { appendTo } from '../test/support/append-to.ts'
import { startNovaServer } from '../test/support/nova-process.ts'
import { processTree } from './runs/process-tree.ts'
import { type CallTool, callerOf, callTimes } from './server/call-load.ts'
import { ofPostgres, ofProcess, perOperation } from './server/processor-time.ts'
import { lagDuring } from './server/watch-lag.ts'
import { metadata } from './store/event.ts'
import { articleCreated } from './store/history.ts'
import { percentiles } from './store/measure.ts'
import { startBenchServer } from './store/server.ts'

const usersAtOnce = [1, 8, 32, 128]
const tools = ['list_articles', 'account_usage']
/** So many that the compiler has seen all of it. */
const warmCalls = 1000
const measuredCalls = 1500
const watchedCalls = 500

/**
 * What a call costs: a server process and real tokens over HTTP, users at once who call one fast tool again and
 * again. Beside it, in the same run, a bare server of the same SDK, and a plain append. A number names one count.
 */
export async function* server(part?: string): AsyncGenerator<object> {
  const counts = part === undefined ? usersAtOnce : [Number(part)]
  await using postgres = await startBenchServer()
  await using made = await postgres.createNova('server', 8)
  const { database, url } = made
  const tokens = await tokensFor(database, Math.max(...counts))
  const postgresTime = await ofPostgres(database.owner)
  if ((await postgresTime()) === null) yield { note: 'no /proc: processor times are left out' }

  const append = await plainAppend(database, postgresTime)
  yield { scene: 'plain append', ...append }
  const bare = new Map<number, number | null>()
  {
    await using server = await startBareServer()
    for (const users of counts) {
      await using callers = openCallers(server.url, tokens.slice(0, users))
      const line = await measure(callers.calls, 'list_articles', { node: ofProcess(server.pid) })
      bare.set(users, line.node_ms)
      yield { scene: 'bare', users, ...line }
    }
  }
  await using nova = await startNovaServer({
    DATABASE_URL: url,
    NOVA_LINK_SECRET: 'k'.repeat(32),
    NOVA_REQUESTS_PER_MINUTE: '0',
    NOVA_CALLS_PER_MINUTE: '0',
    MONTHLY_TOOL_CALL_LIMIT: '1000000',
  })
  const times = { node: ofProcess(nova.pid), postgres: postgresTime }
  for (const tool of tools) {
    for (const users of counts) {
      await using callers = openCallers(nova.mcpUrl, tokens.slice(0, users))
      const line = await measure(callers.calls, tool, times)
      const lag = await lagDuring(database.owner, () =>
        callTimes(callers.calls, tool, watchedCalls),
      )
      const [process] = await processTree(nova.pid)
      yield {
        scene: tool,
        users,
        ...line,
        node_to_bare: ratio(line.node_ms, bare.get(users)),
        postgres_to_append: ratio(line.postgres_ms, append.postgres_ms),
        memory_mb: process?.memory_mb,
        lag_p50_ms: rounded(lag.p50),
        lag_p99_ms: rounded(lag.p99),
      }
    }
  }
}

async function measure(
  callers: readonly CallTool[],
  tool: string,
  {
    node,
    postgres,
  }: { node: () => Promise<number | null>; postgres?: () => Promise<number | null> },
) {
  await callTimes(callers, tool, warmCalls)
  const [nodeBefore, postgresBefore] = [await node(), await postgres?.()]
  const done = await callTimes(callers, tool, measuredCalls)
  const [nodeAfter, postgresAfter] = [await node(), await postgres?.()]
  const { p50, p99 } = percentiles(done.times)
  return {
    ...(done.refused > 0 && { refused: done.refused }),
    calls_per_second: Math.round(done.calls / done.seconds),
    p50_ms: rounded(p50),
    p99_ms: rounded(p99),
    node_ms: rounded(perOperation(nodeBefore, nodeAfter, done.calls)),
    postgres_ms: rounded(perOperation(postgresBefore ?? null, postgresAfter ?? null, done.calls)),
  }
}

/** One event in a stream of its own, one after the other: what PostgreSQL cannot do without. */
async function plainAppend(database: Database, postgres: () => Promise<number | null>) {
  const store = new PostgresEventStore(database, new StreamSignal())
  const append = async () => {
    const articleId = randomUUID()
    const stream = { userId: 'append', streamId: `article-${articleId}` }
    await appendTo(store, stream, [articleCreated(articleId)], { expectedVersion: 0, metadata })
  }
  const appends = 3000
  for (let n = 0; n < 300; n += 1) await append()
  const before = await postgres()
  for (let n = 0; n < appends; n += 1) await append()
  return { postgres_ms: rounded(perOperation(before, await postgres(), appends)) }
}

async function tokensFor(database: Database, count: number): Promise<string[]> {
  const stores = composeStores(database)
  const tokens = []
  for (let n = 0; n < count; n += 1) {
    const caller = { userId: `user-${n}`, metadata: { actor: 'cli' as const } }
    const { token } = await issueApiToken(stores, caller, {
      name: 'bench',
      scopes: ['nova:read', 'nova:write'],
      expiresAt: null,
    })
    tokens.push(token)
  }
  await drainProjection(database.projector, apiTokensProjection)
  return tokens
}

function openCallers(url: string, tokens: readonly string[]) {
  const callers = tokens.map((token) => callerOf(url, token))
  return {
    calls: callers.map(({ call }) => call),
    async [Symbol.asyncDispose]() {
      for (const { close } of callers) close()
    },
  }
}

async function startBareServer() {
  const program = fileURLToPath(new URL('./server/bare-server.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
  return {
    pid: child.pid ?? 0,
    url: String(line).trim().replace('MCP ', ''),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}

const ratio = (one: number | null, other: number | null | undefined) =>
  one === null || !other ? null : rounded(one / other)

function rounded(value: number): number
function rounded(value: number | null): number | null
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(2))
}
