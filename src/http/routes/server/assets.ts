import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { FastifyPluginAsync } from 'fastify'

const types = {
  'base.css': 'text/css; charset=utf-8',
  'controls.css': 'text/css; charset=utf-8',
  'article.css': 'text/css; charset=utf-8',
  'nova.js': 'text/javascript; charset=utf-8',
  'favicon.svg': 'image/svg+xml',
} as const

/** The pages' styles, script and icon, read once. */
export const assetRoutes = (): FastifyPluginAsync => async (app) => {
  for (const [name, type] of Object.entries(types)) {
    const body = await readFile(new URL(`../../assets/${name}`, import.meta.url))
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`
    app.get(
      `/assets/${name}`,
      { config: { access: 'public' }, schema: { hide: true } },
      async (request, reply) => {
        // Asked for again at every page and mostly answered with 304: a new version shows at once.
        reply.headers({ etag, 'cache-control': 'public, max-age=0, must-revalidate' })
        if (request.headers['if-none-match'] === etag) return reply.code(304).send()
        return reply.type(type).send(body)
      },
    )
  }
}
