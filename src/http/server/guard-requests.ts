import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Config, isLoopback } from '../../config.ts'
import { Refusal } from '../../errors.ts'
import type { HttpContext } from './http-context.ts'
import type { HttpDeps } from './http-deps.ts'

/**
 * What happens to every request before its route: headers, Host and Origin, identity, rate limit. A route
 * without a declared access stops the server from starting. Needs the rate-limit plugin.
 *
 * Clients share addresses, so an address is limited only where nothing else is known of the caller. A token
 * that counts is limited for its user, one that does not for itself, and a request without any is always
 * told how to sign in.
 */
export function guardRequests(app: FastifyInstance, context: HttpContext): void {
  const { deps, authenticate } = context
  const hosts = allowedHosts(deps)
  const perMinute = deps.config.NOVA_REQUESTS_PER_MINUTE
  const limitBy = (keyGenerator: (request: FastifyRequest) => string) => {
    const limit = app.createRateLimit({
      max: Math.max(1, perMinute),
      timeWindow: 60_000,
      keyGenerator,
    })
    return async (request: FastifyRequest): Promise<void> => {
      if (perMinute === 0) return
      const answer = await limit(request)
      if (answer.isAllowed || !answer.isExceeded) return
      throw new Refusal('RATE_LIMITED', { retry_after: answer.ttlInSeconds })
    }
  }
  const limitAddress = limitBy((request) => request.ip)
  const limitUser = limitBy((request) => request.identity?.userId ?? request.ip)
  const limitBadTokens = limitBy((request) => request.ip)

  app.addHook('onRoute', (route) => {
    if (!route.config?.access) throw new Error(`${route.url} does not say who may use it`)
  })
  app.decorateRequest('identity', null)
  let isProxyTold = false

  app.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply, deps.links.serverUrl().startsWith('https:'))
    const proxy = isProxyTold ? null : uncountedProxy(request, deps.config)
    if (proxy) {
      isProxyTold = true
      deps.log.warn(proxy)
    }
    const { access, unlimited } = request.routeOptions.config
    if (access === undefined || access === 'public' || access === 'link') {
      if (!unlimited) await limitAddress(request)
      refuseForeign(hosts, request)
      return
    }
    refuseForeign(hosts, request)
    const { authorization } = request.headers
    request.identity = await authenticate(authorization).catch(async (error: unknown) => {
      if (authorization !== undefined && isBadToken(error)) await limitBadTokens(request)
      throw error
    })
    await limitUser(request)
    if (!request.identity.scopes.has(access)) throw new Refusal('SCOPE_MISSING', { scope: access })
  })
}

const isBadToken = (error: unknown): boolean =>
  error instanceof Refusal && error.code === 'UNAUTHENTICATED'

/**
 * Who may be guessing: a user, the bearer of a token that does not count, or an address. Null for a request
 * without a token, with which every client begins.
 */
export function guesserOf(request: FastifyRequest, refusal: Refusal): string | null {
  if (request.identity) return `user ${request.identity.userId}`
  if (refusal.code !== 'UNAUTHENTICATED') return `address ${request.ip}`
  const { authorization } = request.headers
  if (authorization === undefined) return null
  return `token ${request.ip} ${createHash('sha256').update(authorization).digest('base64')}`
}

/** Smaller bodies are not worth a look. */
const smallBytes = 64 * 1024

/** Holds memory for a body before it is read, until its answer is given. Routes for files do it themselves. */
export function holdBodies(app: FastifyInstance, { bodies }: HttpContext): void {
  app.addHook('preParsing', async (request, reply, payload) => {
    const { identity, routeOptions, headers } = request
    if (!identity || routeOptions.config.holdsBody) return payload
    const isChunked = headers['transfer-encoding'] !== undefined
    const bytes = isChunked ? app.initialConfig.bodyLimit : Number(headers['content-length'] ?? 0)
    if (!bytes || bytes <= smallBytes) return payload
    const room = await bodies.hold(identity.userId, bytes)
    if (reply.raw.closed) room[Symbol.dispose]()
    else reply.raw.once('close', () => room[Symbol.dispose]())
    return payload
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

/** Scripts, styles and requests from our own address only, nothing inline, and in nobody's frame. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Sets the headers that every answer carries. An address may hold a link, so it is never passed on. */
export function setSecurityHeaders(reply: FastifyReply, isHttps: boolean): void {
  reply.headers({
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'cache-control': 'no-store',
    'x-request-id': reply.request.id,
    ...(isHttps && { 'strict-transport-security': 'max-age=31536000' }),
  })
}

/**
 * What to say when a request came through a proxy that the settings do not count: all clients behind it share
 * one address, so they share its limits. Null when that is not so.
 */
export function uncountedProxy(
  { headers }: Pick<FastifyRequest, 'headers'>,
  config: Pick<Config, 'NOVA_TRUSTED_PROXIES'>,
): string | null {
  if (config.NOVA_TRUSTED_PROXIES > 0 || headers['x-forwarded-for'] === undefined) return null
  return (
    'X-Forwarded-For arrives and NOVA_TRUSTED_PROXIES is 0: all clients behind that proxy share the limits ' +
    'of one address; set it to the number of proxies in front'
  )
}

/**
 * Which Host and Origin headers are ours. A page whose name an attacker rebinds to this address carries
 * that name in Host, and a page of another site carries its own in Origin; neither passes.
 */
interface AllowedHosts {
  host(header: string | undefined): boolean
  /** `host` is the request's own, already allowed. */
  origin(header: string, host: string): boolean
}

function allowedHosts(deps: Pick<HttpDeps, 'config' | 'links'>): AllowedHosts {
  const { SERVER_HOST } = deps.config
  const listensHereOnly = isLoopback(SERVER_HOST)
  const publicName = () => URL.parse(deps.links.serverUrl())
  return {
    host(header) {
      const name = hostName(header)
      if (name === null) return false
      if (isLoopback(name) || name === SERVER_HOST) return true
      if (name === bare(publicName()?.hostname ?? '')) return true
      // An address cannot be rebound; health checks and container networks use addresses.
      return !listensHereOnly && isIP(name) !== 0
    },
    origin(header, host) {
      const origin = URL.parse(header)
      if (origin?.protocol !== 'http:' && origin?.protocol !== 'https:') return false
      return sameHost(origin.host, host) || sameHost(origin.host, publicName()?.host ?? '')
    },
  }
}

function hostName(header: string | undefined): string | null {
  if (!header || !/^[a-z0-9._:[\]-]+$/i.test(header)) return null
  const url = URL.parse(`http://${header}`)
  return url ? bare(url.hostname) : null
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '').toLowerCase()

/** 127.0.0.1, ::1 and localhost are one machine; the port still has to be the same. */
function sameHost(left: string, right: string): boolean {
  const key = (host: string) => {
    const url = URL.parse(`http://${host}`)
    if (!url) return null
    const name = bare(url.hostname)
    return `${isLoopback(name) ? 'localhost' : name}:${url.port || '80'}`
  }
  // A proxy that ends TLS leaves no port on either side, or 443 on one.
  const normal = (host: string) => key(host)?.replace(/:443$/, ':80')
  return normal(left) !== undefined && normal(left) === normal(right)
}
