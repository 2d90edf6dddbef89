import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import packageJson from '../../../package.json' with { type: 'json' }
import { documentedSchema } from './zod-schemas.ts'

/** Collects the routes registered after it and serves their OpenAPI document at /openapi.json. */
export async function documentApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Nova',
        version: packageJson.version,
        description:
          'REST mirror of the Nova research backend. Refusals answer ' +
          '{"error": {code, message, retryable, hint, details?}}.',
      },
      tags: [
        { name: 'articles', description: 'Guidelines in, research.md out' },
        { name: 'usage', description: 'Tool calls and their limit' },
        { name: 'tokens', description: 'API tokens for scripts' },
        { name: 'plans', description: 'What users may do and did, for administrators' },
        { name: 'health', description: 'For probes' },
      ],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
    transform: ({ schema, url }) => ({ schema: documentedSchema(schema ?? {}), url }),
  })
  app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, () =>
    app.swagger(),
  )
}
