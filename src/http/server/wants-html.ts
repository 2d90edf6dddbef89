import type { FastifyRequest } from 'fastify'

/** Whether a person is looking: browsers name text/html in Accept, programs do not. */
export const wantsHtml = (request: FastifyRequest): boolean =>
  (request.headers.accept ?? '').includes('text/html')
