import type { FastifyRequest } from 'fastify'
import type { Caller } from '../../commands/handle.ts'
import type { Identity } from '../../commands/people/identity.ts'
import type { EventMetadata } from '../../events/define-event.ts'
import type { Scope } from '../../events/people/token-events.ts'
import type { AuthSettings } from '../auth/auth-settings.ts'
import type { Authenticate } from '../auth/authenticate.ts'
import type { BodyBudget } from '../uploads/body-budget.ts'
import type { HttpDeps } from './http-deps.ts'
import type { RefusalTally } from './refusal-tally.ts'

/** What every route gets: the dependencies and what was derived from them once. */
export interface HttpContext {
  readonly deps: HttpDeps
  readonly auth: AuthSettings
  readonly authenticate: Authenticate
  /** Refused requests, on their way to the record. */
  readonly tally: RefusalTally
  /** What large bodies may take of the memory. */
  readonly bodies: BodyBudget
  /** Path prefix of SERVER_URL when a proxy serves us under one, else ''. */
  readonly base: () => string
}

/**
 * Who may use a route: anyone, who has the link in its address, or a caller with a scope. Every
 * route says which; one that does not stops the server from starting.
 */
type Access = 'public' | 'link' | Scope

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Not logged above debug: probes of the platform. */
    probe?: boolean
    /** The route holds the memory for its body itself. */
    holdsBody?: boolean
    /** Not counted by the rate limit: probes, and what every sign-in begins with. */
    unlimited?: boolean
  }
  interface FastifyRequest {
    identity: Identity | null
  }
}

/** The caller of a request that was allowed by a scope. */
export function callerOf(request: FastifyRequest): Caller {
  const { identity } = request
  // Unreachable while every route declares its access; a bug here must not become another user.
  if (!identity) throw new Error('the route was reached without an identity')
  return {
    userId: identity.userId,
    metadata: metadataOf(request, 'user', identity),
  }
}

/** The caller behind a link: the user who asked for it. */
export const linkCallerOf = (request: FastifyRequest, userId: string): Caller => ({
  userId,
  metadata: metadataOf(request, 'link'),
})

const metadataOf = (
  request: FastifyRequest,
  actor: EventMetadata['actor'],
  identity: Pick<Identity, 'client' | 'tokenId'> = {},
): EventMetadata => ({
  actor,
  request_id: request.id,
  ...(identity.client && { client: identity.client }),
  ...(identity.tokenId && { token_id: identity.tokenId }),
})

/** Whether a person is looking: browsers name text/html in Accept, programs do not. */
export const wantsHtml = (request: FastifyRequest): boolean =>
  (request.headers.accept ?? '').includes('text/html')
