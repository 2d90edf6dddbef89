import type { Socket } from 'node:net'
import type pg from 'pg'
import { NoConnection } from './database-error.ts'

/** The connections of a process as the network sees them. */
export interface Lines {
  /** Open sockets and those that are being dialled, with the time when their dial began. */
  sockets: Map<Socket, number>
  /** Milliseconds that dials took lately: the longest, half forgotten with each that was faster. */
  dialMs: number
}

interface Waiting {
  ticks: number
  resolve: (client: pg.PoolClient) => void
  reject: (error: unknown) => void
}

const tickMs = 50
/** A server that is silent for so long is given up; the refusal comes within a second. */
const silentMs = 700
/** A request for a connection waits no longer than this, however busy they are. */
const longestMs = 5000
/** A connection serves so many in that time when each has it for an eighth of a second. */
const waitingPerConnection = 40

/**
 * Lets those who ask a pool for a connection wait while there is progress: a connection comes back, or the
 * server is heard, or a dial takes no longer than dials do. They take turns, and the first takes the first
 * connection there is. Throws NoConnection after a silence, after five seconds, and at once when too many wait.
 */
export function queueForConnections(pool: pg.Pool, lines: Lines): pg.Pool {
  const connect: () => Promise<pg.PoolClient> = pool.connect.bind(pool)
  const waiting: Waiting[] = []
  const longest = waitingPerConnection * pool.options.max
  let drawn = 0
  let inUse = 0
  let heard = 0
  let silentTicks = 0
  let ticking: NodeJS.Timeout | undefined

  pool.on('acquire', () => {
    inUse += 1
  })
  pool.on('release', () => {
    inUse -= 1
    silentTicks = 0
    // It is idle once this turn is over.
    if (waiting.length > 0) process.nextTick(drawIdle)
  })

  /** Each who waits has the pool find a connection; who gets it is decided when it is there. */
  function draw(): void {
    drawn += 1
    connect().then(
      (client) => {
        drawn -= 1
        const first = waiting.shift()
        if (first) first.resolve(client)
        else client.release()
      },
      (error: unknown) => {
        drawn -= 1
        // The pool gave up on a request that has left already, or that got another one's connection.
        if (!isPoolTimeout(error)) waiting.shift()?.reject(error)
        else if (drawn < waiting.length) draw()
      },
    )
  }

  function drawIdle(): void {
    if (waiting.length > 0 && pool.idleCount > 0) draw()
  }

  // Counts turns of the event loop and not time: a process that stood still has not heard a silence.
  function tick(): void {
    const hears = heardBytes(lines)
    silentTicks = hears === heard ? silentTicks + 1 : 0
    heard = hears
    const isDialling = pool.totalCount > pool.idleCount + inUse
    const silentFor = isDialling ? Math.max(silentMs, 2 * lines.dialMs) : silentMs
    for (const one of waiting.splice(0)) {
      one.ticks += 1
      const silence = Math.min(silentTicks, one.ticks) * tickMs
      if (one.ticks * tickMs >= longestMs) one.reject(new NoConnection('busy'))
      else if (silence >= silentFor) one.reject(new NoConnection('silent'))
      else waiting.push(one)
    }
    if (waiting.length > 0) return
    clearInterval(ticking)
    ticking = undefined
  }

  async function connectInTurn(): Promise<pg.PoolClient> {
    if (waiting.length >= longest) throw new NoConnection('busy')
    const { promise, resolve, reject } = Promise.withResolvers<pg.PoolClient>()
    waiting.push({ ticks: 0, resolve, reject })
    ticking ??= setInterval(tick, tickMs)
    draw()
    return promise
  }

  // Pool.query takes its connection through this method too, in the form with a callback.
  function connectEither(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (!callback) return connectInTurn()
    connectInTurn().then(
      (client) => callback(undefined, client, (error) => client.release(error)),
      (error: Error) => callback(error, undefined, () => {}),
    )
    return undefined
  }
  return Object.assign(pool, { connect: connectEither as pg.Pool['connect'] })
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (error?: Error | boolean) => void,
) => void

const isPoolTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message === 'timeout exceeded when trying to connect'

function heardBytes({ sockets }: Lines): number {
  let bytes = 0
  for (const socket of sockets.keys()) bytes += socket.bytesRead
  return bytes
}
