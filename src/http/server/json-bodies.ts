import type { FastifyInstance } from 'fastify'
import { Refusal } from '../../errors.ts'
import { isWithinBounds, requestBounds } from '../../sources/files/json-bounds.ts'

/** JSON bodies, refused before they are parsed when they nest or list without end. */
export function useJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body)
    if (isWithinBounds(text, requestBounds)) return parse(request, text, done)
    return done(new Refusal('BODY_TOO_COMPLEX', requestBounds))
  })
}
