import type { FastifyInstance } from 'fastify'
import { Refusal } from '../../errors.ts'

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
