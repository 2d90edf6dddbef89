import type { Logger } from 'pino'
import type { LinkSettings } from '../commands/links/grant-link.ts'
import { WorkInHand } from '../commands/runs/work-in-hand.ts'
import { CallLedger } from '../commands/usage/call-ledger.ts'
import { type Config, listenPort } from '../config.ts'
import { Refusal } from '../errors.ts'
import { authSettings } from '../http/auth/auth-settings.ts'
import { createHttpApp } from '../http/server/app.ts'
import { checkBinding } from '../http/server/check-binding.ts'
import { type ConnectionLine, connectionLines } from '../http/server/connection-lines.ts'
import { jobsMoving } from '../jobs/queue/job-queues.ts'
import type { ResearchJob } from '../jobs/runs/research-queue.ts'
import type { OperationJob } from '../jobs/runs/send-operation.ts'
import { createMcpEndpoint, type McpFixtures, serveMcpStdio } from '../mcp/protocol/server.ts'
import { projections } from '../projections/registry.ts'
import { checkRoles } from '../store/database/check-roles.ts'
import { type Database, openDatabase } from '../store/database/database.ts'
import { translateDatabaseError } from '../store/database/database-error.ts'
import { isErrorCode } from '../store/database/error-code.ts'
import { migrate } from '../store/database/migrate.ts'
import { createReadiness, type Readiness } from '../store/database/readiness.ts'
import { systemProblem } from '../store/database/system-problem.ts'
import {
  createProjectionGate,
  type ProjectionGate,
} from '../store/projections/projection-status.ts'
import { drainProjection } from '../store/projections/projection-step.ts'
import type { Limits } from '../store/usage/admission.ts'
import { type AskedOffer, narrowed, type Offer, offerOf } from '../toolsets.ts'
import { linkKeys } from './compose-link-keys.ts'
import { composeMetrics } from './compose-metrics.ts'
import { composeOutside, type Outside } from './compose-research.ts'
import { composeStores, type Stores } from './compose-stores.ts'
import { openJobQueue, startWorkers, wakeWorkers } from './compose-workers.ts'
import { defaultLimits } from './default-limits.ts'

/** Which part of the work a process does; `all` is both. */
export type Role = 'all' | 'web' | 'worker'

/** What the adapters are given; each declares the part that it needs. */
export interface Services extends Stores {
  config: Config
  log: Logger
  offer: Offer
  limits: Limits
  projections: ProjectionGate
  ledger: CallLedger
  inHand: WorkInHand
  operations: { enqueue: (job: OperationJob) => Promise<void> }
  runs: { goOn: (job: ResearchJob) => Promise<void> }
  model: Outside['model']
  prices: Outside['prices']
  search: { name: string } | null
  links: LinkSettings
  stopping: AbortSignal
  ready: () => Promise<Readiness>
}

export interface Listening {
  url: string
  mcpUrl: string
  /** What to type or write to add this server to each AI client. */
  connect: ConnectionLine[]
}

export interface Nova {
  services: Services
  database: Database
  /** Whether anything of it is kept in NOVA_DATA_DIR. */
  usesDataDir: boolean
  /** What in the configuration could not be followed; for the start-up log and `nova doctor`. */
  problems: readonly string[]
  /** Listens and answers; the URL is the one clients use. */
  listen: () => Promise<Listening>
  /** Speaks MCP over stdin and stdout until they close. */
  /** To a client that asked for some of the tools. */
  serveStdio: (asked: AskedOffer) => Promise<void>
  /** Takes no more requests and jobs, lets those in hand end, closes everything. */
  close: () => Promise<void>
}

/** Milliseconds that a process which stops gives its calls to end. */
const lastCallsMs = 4000

export interface ComposeOptions {
  log: Logger
  role?: Role
  /** Once aborted, a start under way is given up. */
  stopping?: AbortSignal
  /** Test only: tools of the conformance suite, mounted when NOVA_CONFORMANCE_FIXTURES is set. */
  fixtures?: McpFixtures
}

/**
 * Builds one process from its configuration: opens the database, migrates it, connects everything. Throws
 * Refusal, or why it was stopped; whatever was opened by then is closed again.
 */
export async function compose(config: Config, options: ComposeOptions): Promise<Nova> {
  checkBinding(config)
  const closing = new AsyncDisposableStack()
  const building = build(config, options, closing)
  try {
    return await unlessAborted(building, options.stopping)
  } catch (error) {
    // It goes on after it was given up: its next step finds everything closed, and that error is expected.
    building.catch(() => {})
    await closing.disposeAsync().catch((failure: unknown) => {
      options.log.warn({ err: failure }, 'a failed start was not closed in good order')
    })
    throw translateDatabaseError(error)
  }
}

async function unlessAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!signal) return work
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

async function build(
  config: Config,
  { log, role = 'all', fixtures }: ComposeOptions,
  closing: AsyncDisposableStack,
): Promise<Nova> {
  const stopping = new AbortController()
  closing.defer(() => stopping.abort())
  const keys = linkKeys(config)
  if (config.NOVA_WEBHOOK_URL && !config.NOVA_WEBHOOK_SECRET) {
    throw new Refusal('CONFIG_INVALID', {
      problem: 'NOVA_WEBHOOK_URL needs NOVA_WEBHOOK_SECRET, which signs what is sent there.',
    })
  }
  const opening = openDatabase(config, { log })
  closing.defer(async () => (await opening.catch(() => undefined))?.close())
  const database = await opening
  await migrate(database, { log })
  await checkRoles(database)
  // Before anything is written: events of a month without partition would keep it from being made.
  await database.owner.query('select nova.ensure_event_partitions(2)')

  const outside = composeOutside(config, (bug) => log.error({ bug }, 'converter'))
  closing.defer(() => outside.close())
  const stores = composeStores(database, config.NOVA_STORAGE_MEGABYTES * 1024 * 1024)
  const commands = {
    ...stores,
    readNotebook: outside.readNotebook,
    readDocument: outside.readDocument,
    readLinks: outside.readLinks,
  }
  const ledger = new CallLedger({ ...commands, log })
  closing.defer(() => ledger.stop())

  const inHand = new WorkInHand()
  const queue = await openJobQueue(database, log, role !== 'web', closing)
  const working = { config, database, queue, commands, outside, linkKeys: keys, log }
  if (role === 'web') wakeWorkers(working, closing)
  else await startWorkers({ ...working, stopping: stopping.signal }, closing)

  closing.defer(async () => {
    const calls = await inHand.ended(lastCallsMs)
    if (calls > 0) log.warn({ calls }, 'the server stops before these have ended')
  })

  let serverUrl = config.SERVER_URL?.replace(/\/+$/, '') ?? addressOf(config, listenPort(config))
  const gate = createProjectionGate(database.app, catchUpOnce(database, inHand, log))
  const metrics = await composeMetrics(config, { database, gate }, closing)
  const services: Services = {
    ...commands,
    config,
    log,
    offer: offerOf(config),
    limits: defaultLimits(config),
    ...waitedFor(stores, inHand),
    projections: gate,
    ledger,
    inHand,
    operations: queue,
    runs: queue,
    model: outside.model,
    prices: outside.prices,
    search: outside.search.name === 'none' ? null : outside.search,
    links: {
      keys,
      serverUrl: () => serverUrl,
      uploadMinutes: config.NOVA_UPLOAD_LINK_MINUTES,
      downloadMinutes: config.NOVA_DOWNLOAD_LINK_MINUTES,
    },
    stopping: stopping.signal,
    ready: createReadiness({
      database,
      projections: gate,
      ...(role !== 'web' && { jobs: () => jobsMoving(queue.boss) }),
    }),
  }
  const mcpDeps = { ...services, ...(config.NOVA_CONFORMANCE_FIXTURES && fixtures && { fixtures }) }
  return {
    services,
    database,
    usesDataDir: database.kind === 'embedded' || !config.NOVA_LINK_SECRET,
    problems: outside.problems,
    listen: async () => {
      const app = await createHttpApp({ ...services, metrics, mcp: createMcpEndpoint(mcpDeps) })
      closing.defer(() => app.close())
      const local = await bind(app, config)
      if (!config.SERVER_URL) serverUrl = local
      const mcpUrl = `${serverUrl}/mcp`
      return {
        url: serverUrl,
        mcpUrl,
        connect: connectionLines(mcpUrl, authSettings(config, () => mcpUrl).mode),
      }
    },
    serveStdio: async (asked) => serveMcpStdio(mcpDeps, narrowed(services.offer, asked)),
    close: () => {
      stopping.abort()
      return closing.disposeAsync()
    },
  }
}

/** No request waits for what these two write; the stop does. */
function waitedFor({ apiTokens, issuerKeys }: Stores, inHand: WorkInHand) {
  return {
    apiTokens: { ...apiTokens, used: (...use) => inHand.track(() => apiTokens.used(...use)) },
    issuerKeys: { ...issuerKeys, save: (...kept) => inHand.track(() => issuerKeys.save(...kept)) },
  } satisfies Partial<Stores>
}

async function bind(app: Awaited<ReturnType<typeof createHttpApp>>, config: Config) {
  const port = listenPort(config)
  try {
    await app.listen({ host: config.SERVER_HOST, port })
  } catch (error) {
    if (isErrorCode(error, 'EADDRINUSE')) throw new Refusal('PORT_IN_USE', { port })
    const problem = systemProblem(error)
    if (!problem) throw error
    throw new Refusal('ADDRESS_UNUSABLE', { host: config.SERVER_HOST, port, problem })
  }
  const address = app.server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  return addressOf(config, bound)
}

function addressOf({ SERVER_HOST: host }: Config, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** However many readers wait, each projection is caught up with once at a time. */
function catchUpOnce(
  database: Database,
  inHand: WorkInHand,
  log: Logger,
): (names: readonly string[]) => void {
  const busy = new Set<string>()
  return (names) => {
    for (const projection of projections) {
      const { name } = projection
      if (!names.includes(name) || busy.has(name)) continue
      busy.add(name)
      inHand
        .track(() => drainProjection(database.projector, projection))
        .catch((error: unknown) => log.warn({ err: error, projection: name }, 'projection'))
        .finally(() => busy.delete(name))
    }
  }
}
