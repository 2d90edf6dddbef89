import type { FastifyInstance } from 'fastify'
import { Refusal } from '../errors.ts'
import { isWithinBounds } from '../sources/files/json-bounds.ts'

/** Far more than any tool or route takes; a text of any length is one value. */
const bounds = { depth: 64, values: 50_000 }

/** JSON bodies, refused before they are parsed when they nest or list without end. */
export function useJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body)
    if (isWithinBounds(text, bounds)) return parse(request, text, done)
    return done(new Refusal('BODY_TOO_COMPLEX', bounds))
  })
}
