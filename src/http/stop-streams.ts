import type { FastifyInstance } from 'fastify'
import { Refusal } from '../errors.ts'

/** Streams one server keeps open; each looks at the database a few times a second. */
const streamsMax = 100

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Registers what ends a stream when the server closes; returns how to take it back.
     * Throws RATE_LIMITED when too many are open.
     */
    stopStreams(stop: () => void): () => void
  }
}

/** Milliseconds that a closing server gives clients to send and to take what is under way. */
const lastAnswersMs = 3000

/**
 * Lets a closing server end what would otherwise keep it open: event streams, and connections whose
 * answer was under way and that would then idle until their timeout.
 */
export function stopStreamsOnClose(app: FastifyInstance): void {
  const stops = new Set<() => void>()
  app.decorate('stopStreams', (stop: () => void) => {
    if (stops.size >= streamsMax) throw new Refusal('RATE_LIMITED', { retry_after: 10 })
    stops.add(stop)
    return () => {
      stops.delete(stop)
    }
  })
  let isClosing = false
  let cut: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    isClosing = true
    for (const stop of stops) stop()
    cut = setTimeout(() => app.server.closeAllConnections(), lastAnswersMs)
  })
  app.addHook('onClose', async () => clearTimeout(cut))
  app.addHook('onResponse', async (request) => {
    if (isClosing) request.raw.socket.end()
  })
}
