import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import type { Caller } from '../../src/commands/handle.ts'
import { grantLink } from '../../src/commands/links/grant-link.ts'
import { WorkInHand } from '../../src/commands/runs/work-in-hand.ts'
import { CallLedger } from '../../src/commands/usage/call-ledger.ts'
import { composeStores } from '../../src/compose/compose-stores.ts'
import { defaultLimits } from '../../src/compose/default-limits.ts'
import { parseConfig } from '../../src/config.ts'
import { articleStream } from '../../src/events/articles/article-events.ts'
import type { NewEvent } from '../../src/events/define-event.ts'
import type { LinkPurpose } from '../../src/events/links/link-events.ts'
import type { VerifierOptions } from '../../src/http/auth/token-verifier.ts'
import { createHttpApp } from '../../src/http/server/app.ts'
import type { HttpDeps } from '../../src/http/server/http-deps.ts'
import { projections } from '../../src/projections/registry.ts'
import type { ReadNotebook } from '../../src/sources/files/notebook.ts'
import { createProjectionGate } from '../../src/store/projections/projection-status.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { offerOf } from '../../src/toolsets.ts'
import { appendTo } from './append-to.ts'
import { freshDatabase, type TestDatabase } from './database.ts'

export interface TestApp extends AsyncDisposable {
  app: FastifyInstance
  deps: HttpDeps
  /** Set to move the time. */
  clock: { now: Date }
  /** What was logged, one JSON line each. */
  log: string[]
  /** Listens on loopback; the address is also what links begin with. */
  listen(): Promise<string>
  /** Creates an article as the local user. */
  article(guideline?: string, userId?: string): Promise<string>
  record(articleId: string, events: NewEvent[], userId?: string): Promise<void>
  /** The path of a fresh link. */
  link(purpose: LinkPurpose, articleId: string, userId?: string): Promise<string>
  /** Brings every projection up to now. */
  project(): Promise<void>
}

export const callerNamed = (userId: string): Caller => ({ userId, metadata: { actor: 'agent' } })

/** The HTTP app on a database of its own, with the real store behind it. */
export async function startTestApp(
  environment: Record<string, string> = {},
  options: {
    mcp?: HttpDeps['mcp']
    verifier?: VerifierOptions
    ready?: HttpDeps['ready']
    /** A migrated database that is reached in a way of the test's own. */
    db?: TestDatabase
    readNotebook?: ReadNotebook
    /** One that something else of the test goes by as well. */
    clock?: TestApp['clock']
  } = {},
): Promise<TestApp> {
  const parsed = parseConfig(environment)
  if (!parsed.ok) throw new Error(parsed.problem)
  const { config } = parsed
  const db = options.db ?? (await freshDatabase())
  const clock = options.clock ?? { now: new Date() }
  const log: string[] = []
  let serverUrl = config.SERVER_URL ?? 'http://localhost'
  const drain = async (names: readonly string[]) => {
    for (const projection of projections.filter(({ name }) => names.includes(name))) {
      await drainProjection(db.database.projector, projection)
    }
  }
  const stores = { ...composeStores(db.database), now: () => clock.now }
  const pinoLog = pino({ level: 'debug' }, { write: (line: string) => log.push(line) })
  const deps: HttpDeps = {
    config,
    offer: offerOf(config),
    limits: defaultLimits(config),
    ...stores,
    ...(options.readNotebook && { readNotebook: options.readNotebook }),
    ledger: new CallLedger({ ...stores, log: pinoLog }),
    inHand: new WorkInHand(),
    projections: createProjectionGate(db.database.app, (names) => {
      drain(names).catch(() => {})
    }),
    links: {
      keys: ['a-link-key-of-at-least-32-characters'],
      serverUrl: () => serverUrl,
      uploadMinutes: 60,
      downloadMinutes: 60,
    },
    // No worker lives here: a run is on record, and stands still.
    runs: { goOn: async () => {} },
    log: pinoLog,
    metrics: null,
    mcp: options.mcp ?? (async (_request, response) => void response.end('{}')),
    ready: options.ready ?? (async () => ({ ok: true, degraded: false, checks: [] })),
  }
  const app = await createHttpApp(deps, options.verifier)
  await app.ready()
  return {
    app,
    deps,
    clock,
    log,
    async listen() {
      await app.listen({ host: '127.0.0.1', port: 0 })
      const { port } = app.server.address() as AddressInfo
      serverUrl = `http://127.0.0.1:${port}`
      return serverUrl
    },
    async article(guideline = '# Title\n\nText.', userId = 'local') {
      const bytes = Buffer.from(guideline)
      return (await createArticle(deps, callerNamed(userId), { guideline: bytes })).articleId
    },
    async record(articleId, events, userId = 'local') {
      const stream = { userId, streamId: articleStream(articleId) }
      await appendTo(deps.store, stream, events, {
        expectedVersion: 'any',
        metadata: { actor: 'agent' },
      })
    },
    async link(purpose, articleId, userId = 'local') {
      const { url } = await grantLink(deps, callerNamed(userId), { purpose, articleId })
      return new URL(url).pathname
    },
    project: () => drain(projections.map(({ name }) => name)),
    async [Symbol.asyncDispose]() {
      await app.close()
      await deps.ledger.stop()
      await db[Symbol.asyncDispose]()
    },
  }
}
