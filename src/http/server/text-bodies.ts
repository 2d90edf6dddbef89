import type { FastifyInstance } from 'fastify'

const formBytesMax = 16 * 1024

/** A guideline sent as it is: `curl --data-binary @guideline.md -H 'content-type: text/markdown'`. */
const textTypes = ['text/markdown', 'text/plain', 'application/octet-stream']

/** Bodies besides JSON and multipart: plain text as bytes, and small forms as an object of strings. */
export function useTextBodies(app: FastifyInstance): void {
  app.addContentTypeParser(textTypes, { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formBytesMax },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
}
