import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { type AllowedHosts, allowedHosts } from './allowed-hosts.ts'
import type { HttpContext } from './http-context.ts'
import { setSecurityHeaders } from './security-headers.ts'

/**
 * What happens to every request before its route: headers, rate limit, Host and Origin, identity. A route
 * without a declared access stops the server from starting. Needs the rate-limit plugin.
 */
export function guardRequests(app: FastifyInstance, context: HttpContext): void {
  const { deps, authenticate } = context
  const hosts = allowedHosts(deps)
  const perMinute = deps.config.NOVA_REQUESTS_PER_MINUTE
  const burst = app.createRateLimit({ max: Math.max(1, perMinute), timeWindow: 60_000 })

  app.addHook('onRoute', (route) => {
    if (!route.config?.access) throw new Error(`${route.url} does not say who may use it`)
  })
  app.decorateRequest('identity', null)

  app.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply, deps.links.serverUrl().startsWith('https:'))
    const { access, probe } = request.routeOptions.config
    if (perMinute > 0 && !probe) {
      const answer = await burst(request)
      if (!answer.isAllowed && answer.isExceeded) {
        throw new Refusal('RATE_LIMITED', { retry_after: answer.ttlInSeconds })
      }
    }
    refuseForeign(hosts, request)
    if (access === undefined || access === 'public' || access === 'link') return
    const identity = await authenticate(request.headers.authorization)
    if (!identity.scopes.has(access)) throw new Refusal('SCOPE_MISSING', { scope: access })
    request.identity = identity
  })
}

/** Throws ORIGIN_REFUSED for rebound names and for pages of other sites. */
function refuseForeign(hosts: AllowedHosts, request: FastifyRequest): void {
  const { host, origin } = request.headers
  if (!hosts.host(host)) throw new Refusal('ORIGIN_REFUSED')
  if (origin === undefined) return
  if (origin === 'null') {
    // What a form of our own pages sends, since they give no referrer. Browsers vouch for where it came
    // from in Sec-Fetch-Site, though only over https and on loopback; a link is its own proof.
    const ownForm = request.headers['sec-fetch-site'] === 'same-origin'
    if (!ownForm && request.routeOptions.config.access !== 'link')
      throw new Refusal('ORIGIN_REFUSED')
    return
  }
  if (!hosts.origin(origin, host ?? '')) throw new Refusal('ORIGIN_REFUSED')
}
