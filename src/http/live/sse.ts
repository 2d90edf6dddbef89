import type { FastifyReply, FastifyRequest } from 'fastify'
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
