import type { Socket } from 'node:net'
import pg from 'pg'
import type { StoreLog } from './store-log.ts'

/** How to reach the database: what pg and pg-boss take, without anything undefined. */
export interface Endpoint {
  connectionString?: string
  host?: string
  port?: number
  user?: string
  password?: string
  database?: string
  stream?: () => Socket
  /** Session settings, `-c name=value …`; ours are added after them. */
  options?: string
}

/** An endpoint with a share of the connections, as pg-boss takes it. */
export interface ConnectionSettings extends Endpoint {
  max: number
  application_name: string
  keepAlive: true
  keepAliveInitialDelayMillis: number
  connectionTimeoutMillis: number
  onConnect: (client: pg.ClientBase) => void
}

export interface PoolShape {
  name: string
  max: number
  /** The role every connection acts as from its first statement on, at no round trip. */
  role?: string
  /** Milliseconds, by setting: statement_timeout, lock_timeout, idle_in_transaction_session_timeout. */
  timeouts: Record<string, number>
}

const dialTimeoutMs = 5000
/** A server that ended a statement by its own timeout has said so by then; one that has not is gone. */
const answerGraceMs = 5000

/** Settings for a pool or for pg-boss. */
export function connectionSettings(
  endpoint: Endpoint,
  name: string,
  max: number,
): ConnectionSettings {
  return {
    ...endpoint,
    max,
    application_name: name,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: dialTimeoutMs,
    // A connection that breaks in use fails its statement, which is enough; without a listener the event
    // would end the process.
    onConnect: (client) => client.on('error', () => {}),
  }
}

/** A pool whose connections all carry the role and the timeouts. It dials on first use. */
export function createPool(endpoint: Endpoint, shape: PoolShape, log?: StoreLog): pg.Pool {
  const session = Object.entries(shape.timeouts).map(([setting, ms]) => `-c ${setting}=${ms}`)
  if (shape.role) session.unshift(`-c role=${shape.role}`)
  const statementMs = shape.timeouts.statement_timeout
  const pool = new pg.Pool({
    ...connectionSettings(endpoint, shape.name, shape.max),
    options: [endpoint.options, ...session].filter(Boolean).join(' '),
    idleTimeoutMillis: 30_000,
    // Statements of one transaction can be sent together; see tenant.ts.
    pipeline: true,
    ...(statementMs && { query_timeout: statementMs + answerGraceMs }),
    types: { getTypeParser },
  })
  pool.on('error', (error) => log?.debug(`idle database connection lost: ${error.message}`))
  return pool
}

/**
 * Bounds the wait for a connection that others hold: a full pool answers soon, and not after the dial
 * timeout, which TLS and IAM need.
 */
export function boundWaiting(pool: pg.Pool, waitMs: number): pg.Pool {
  const connect: () => Promise<pg.PoolClient> = pool.connect.bind(pool)

  async function connectSoon(): Promise<pg.PoolClient> {
    const hasIdle = pool.idleCount > 0
    const pending = connect()
    if (hasIdle || pool.waitingCount === 0) return pending
    const { promise: timeUp, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, waitMs, undefined)
    try {
      const client = await Promise.race([pending, timeUp])
      if (client) return client
    } finally {
      clearTimeout(timer)
    }
    // Nobody wants it any more when its turn comes.
    pending.then(
      (client) => client.release(),
      () => {},
    )
    throw new Error('timeout exceeded when trying to connect')
  }

  // Pool.query takes its connection through this method too, in the form with a callback.
  function connectBounded(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (!callback) return connectSoon()
    connectSoon().then(
      (client) => callback(undefined, client, (error) => client.release(error)),
      (error: Error) => callback(error, undefined, () => {}),
    )
    return undefined
  }
  return Object.assign(pool, { connect: connectBounded as pg.Pool['connect'] })
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (error?: Error | boolean) => void,
) => void

const int8 = pg.types.builtins.INT8

/** Positions and counts as numbers: exact to 2^53, which is nine thousand years of appends at 30,000/s. */
const getTypeParser: typeof pg.types.getTypeParser = (type, format) =>
  type === int8 && format !== 'binary' ? Number : pg.types.getTypeParser(type, format)
