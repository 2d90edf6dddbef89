import { Socket } from 'node:net'
import pg from 'pg'
import type { Log } from '../../log.ts'
import type { Lines } from './connection-queue.ts'

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
  query_timeout?: number
  stream: () => Socket
  onConnect: (client: pg.ClientBase) => void
}

export interface PoolShape {
  name: string
  max: number
  /** Connections that stay open through a pause. */
  min?: number
  /** The role every connection acts as from its first statement on, at no round trip. */
  role?: string
  /** Milliseconds, by setting: statement_timeout, lock_timeout, idle_in_transaction_session_timeout. */
  timeouts: Record<string, number>
  /** Milliseconds after which a connection that has not answered a statement is given up. */
  answerMs?: number
}

const dialTimeoutMs = 5000
/** A server that ended a statement by its own timeout has said so by then; one that has not is gone. */
const answerGraceMs = 5000

/** Settings for a pool or for pg-boss, whose sockets are noted in `lines`. */
export function connectionSettings(
  endpoint: Endpoint,
  { name, max, answerMs }: Pick<PoolShape, 'name' | 'max' | 'answerMs'>,
  lines: Lines = { sockets: new Map(), dialMs: 0 },
): ConnectionSettings {
  return {
    ...endpoint,
    max,
    application_name: name,
    ...(answerMs && { query_timeout: answerMs }),
    stream() {
      const socket = endpoint.stream?.() ?? new Socket()
      lines.sockets.set(socket, performance.now())
      return socket.once('close', () => lines.sockets.delete(socket))
    },
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: dialTimeoutMs,
    // A connection that breaks in use fails its statement, which is enough; without a listener the event
    // would end the process.
    onConnect: (client) => client.on('error', () => {}),
  }
}

/** A pool whose connections all carry the role and the timeouts. It dials on first use. */
export function createPool(
  endpoint: Endpoint,
  shape: PoolShape,
  { log, lines = { sockets: new Map(), dialMs: 0 } }: { log?: Log; lines?: Lines } = {},
): pg.Pool {
  const session = Object.entries(shape.timeouts).map(([setting, ms]) => `-c ${setting}=${ms}`)
  if (shape.role) session.unshift(`-c role=${shape.role}`)
  const statementMs = shape.timeouts.statement_timeout
  const answerMs = statementMs ? statementMs + answerGraceMs : shape.answerMs
  const pool = new pg.Pool({
    ...connectionSettings(endpoint, { ...shape, ...(answerMs && { answerMs }) }, lines),
    options: [endpoint.options, ...session].filter(Boolean).join(' '),
    min: Math.min(shape.min ?? 0, shape.max),
    idleTimeoutMillis: 30_000,
    // Statements of one transaction can be sent together; see tenant.ts.
    pipeline: true,
    types: { getTypeParser },
  })
  pool.on('error', (error) =>
    log?.debug({ problem: error.message }, 'idle database connection lost'),
  )
  pool.on('connect', (client) => noteDial(lines, client))
  return pool
}

/** Lets the statements of one connection take as long as they need: a migration rewrites tables. */
export function waitForAnswers(client: pg.PoolClient): void {
  const { connectionParameters } = client as pg.PoolClient & {
    connectionParameters: { query_timeout: number }
  }
  connectionParameters.query_timeout = 0
}

/** Under TLS the socket is another, and a dial is heard at every step. */
function noteDial(lines: Lines, client: pg.PoolClient): void {
  const { stream } = client.connection
  const began = stream instanceof Socket ? lines.sockets.get(stream) : undefined
  if (began !== undefined) lines.dialMs = Math.max(performance.now() - began, lines.dialMs / 2)
}

const int8 = pg.types.builtins.INT8

/** Positions and counts as numbers: exact to 2^53, which is nine thousand years of appends at 30,000/s. */
const getTypeParser: typeof pg.types.getTypeParser = (type, format) =>
  type === int8 && format !== 'binary' ? Number : pg.types.getTypeParser(type, format)
