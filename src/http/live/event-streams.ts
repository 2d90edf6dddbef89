import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../../errors.ts'
import { visibleValue } from '../../visible-text.ts'

/** Proxies cut a silent stream after one or two minutes. */
export const heartbeatMs = 15_000
/** The browser reconnects by itself; a forgotten tab does not hold a stream for ever. */
const streamMs = 30 * 60_000

export interface EventStream {
  /** Ends with the client, the server or the time, whichever is first. */
  signal: AbortSignal
  send(event: string, data: unknown): void
  heartbeat(): void
}

/** Answers with server-sent events until `produce` returns. Throws STREAMS_TOO_MANY. */
export async function streamEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  userId: string,
  produce: (stream: EventStream) => Promise<void>,
): Promise<void> {
  const gone = new AbortController()
  const stopWithServer = request.server.stopStreams(userId, () => gone.abort())
  const { raw } = reply
  raw.on('close', () => gone.abort())
  const timer = setTimeout(() => gone.abort(), streamMs)
  reply.hijack()
  try {
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      // Nothing follows a stream, and a stopping server waits for no connection that idles.
      connection: 'close',
    })
    const write = (text: string) => {
      if (!gone.signal.aborted) raw.write(text)
    }
    write('retry: 3000\n\n')
    await produce({
      signal: gone.signal,
      send: (event, data) =>
        write(`event: ${event}\ndata: ${JSON.stringify(visibleValue(data))}\n\n`),
      heartbeat: () => write(': still here\n\n'),
    })
  } catch (error) {
    if (!gone.signal.aborted) request.log.error({ err: error }, 'event stream failed')
  } finally {
    clearTimeout(timer)
    stopWithServer()
    raw.end()
  }
}

/** Streams one server keeps open; each looks at the database a few times a second. */
const streamsMax = 100
/** A few pages in a few browsers; what one user leaves open must not keep others out. */
const streamsOfUserMax = 20

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Registers what ends a stream when the server closes; returns how to take it back.
     * Throws STREAMS_TOO_MANY when the user has, or the server keeps, too many open.
     */
    stopStreams(userId: string, stop: () => void): () => void
  }
}

/** Milliseconds that a closing server gives clients to send and to take what is under way. */
const lastAnswersMs = 3000

/**
 * Lets a closing server end what would otherwise keep it open: event streams, and connections whose
 * answer was under way and that would then idle until their timeout.
 */
export function stopStreamsOnClose(app: FastifyInstance): void {
  const stops = new Map<() => void, string>()
  app.decorate('stopStreams', (userId: string, stop: () => void) => {
    const own = [...stops.values()].filter((user) => user === userId).length
    const [whose, max] = own >= streamsOfUserMax ? ['user', own] : ['server', streamsMax]
    if (own >= max || stops.size >= streamsMax) {
      throw new Refusal('STREAMS_TOO_MANY', { whose, max, retry_after: 10 })
    }
    stops.set(stop, userId)
    return () => {
      stops.delete(stop)
    }
  })
  let isClosing = false
  let cut: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    isClosing = true
    for (const stop of stops.keys()) stop()
    cut = setTimeout(() => app.server.closeAllConnections(), lastAnswersMs)
  })
  app.addHook('onClose', async () => clearTimeout(cut))
  app.addHook('onResponse', async (request) => {
    if (isClosing) request.raw.socket.end()
  })
}
