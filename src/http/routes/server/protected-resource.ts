import type { FastifyPluginAsync } from 'fastify'
import { Refusal } from '../../../errors.ts'
import { resourceMetadataPath, usualScopes } from '../../auth/challenge.ts'
import type { HttpContext } from '../../server/http-context.ts'

/**
 * Protected-resource metadata (RFC 9728) at both places clients look: with the resource's path, where the
 * 401 points, and without. `resource` is the URL that clients use, or they give up without a word.
 */
export const protectedResourceRoutes =
  ({ deps, auth, base }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    const metadata = async () => {
      if (auth.mode !== 'oidc') throw new Refusal('ROUTE_NOT_FOUND')
      return {
        resource: `${deps.links.serverUrl()}/mcp`,
        authorization_servers: [auth.issuer],
        scopes_supported: usualScopes,
        bearer_methods_supported: ['header'],
        resource_name: 'Nova',
      }
    }
    const options = {
      config: { access: 'public', unlimited: true },
      schema: { hide: true },
    } as const
    app.get(resourceMetadataPath, options, metadata)
    app.get(`${resourceMetadataPath}/mcp`, options, metadata)
    const prefix = base()
    if (prefix) app.get(`${resourceMetadataPath}${prefix}/mcp`, options, metadata)
  }
