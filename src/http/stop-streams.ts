import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Registers what ends a stream when the server closes; returns how to take it back. */
    stopStreams(stop: () => void): () => void
  }
}

/** Lets a closing server end the event streams that would otherwise keep it open. */
export function stopStreamsOnClose(app: FastifyInstance): void {
  const stops = new Set<() => void>()
  app.decorate('stopStreams', (stop: () => void) => {
    stops.add(stop)
    return () => {
      stops.delete(stop)
    }
  })
  app.addHook('preClose', async () => {
    for (const stop of stops) stop()
  })
}
