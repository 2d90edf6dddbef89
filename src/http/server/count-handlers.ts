import type { FastifyInstance } from 'fastify'
import type { WorkInHand } from '../../commands/runs/work-in-hand.ts'

/** Counts the handlers of every route that is added from here on as work in hand. */
export function countHandlers(app: FastifyInstance, inHand: WorkInHand): void {
  app.addHook('onRoute', (route) => {
    const { handler } = route
    route.handler = function (request, reply) {
      return inHand.track(async () => handler.call(this, request, reply))
    }
  })
}
