import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Registers what ends a stream when the server closes; returns how to take it back. */
    stopStreams(stop: () => void): () => void
  }
}

/**
 * Lets a closing server end what would otherwise keep it open: event streams, and connections whose
 * answer was under way and that would then idle until their timeout.
 */
export function stopStreamsOnClose(app: FastifyInstance): void {
  const stops = new Set<() => void>()
  app.decorate('stopStreams', (stop: () => void) => {
    stops.add(stop)
    return () => {
      stops.delete(stop)
    }
  })
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
    for (const stop of stops) stop()
  })
  app.addHook('onResponse', async (request) => {
    if (isClosing) request.raw.socket.end()
  })
}
