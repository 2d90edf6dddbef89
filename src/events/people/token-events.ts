import { z } from 'zod'
import { defineEvent, type EventOf, instant } from '../define-event.ts'

const tokenId = () => z.string().regex(/^[0-9a-f]{16}$/)

/** What a caller may do. Each scope includes the ones before it: who may write may read. */
export const scopes = ['nova:read', 'nova:write', 'nova:admin'] as const
export type Scope = (typeof scopes)[number]

/** The secret itself is nowhere: it was shown once, and only its hash is kept. */
export const ApiTokenIssued = defineEvent('ApiTokenIssued', {
  token_id: tokenId(),
  name: z.string().min(1).max(100),
  scopes: z.array(z.enum(scopes)).min(1),
  secret_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  issued_at: instant(),
  expires_at: instant().nullable(),
})

/** This is its stream's second event and last: verification takes a moved stream for a revoked token. */
export const ApiTokenRevoked = defineEvent('ApiTokenRevoked', {
  token_id: tokenId(),
  revoked_at: instant(),
})

export const tokenEvents = [ApiTokenIssued, ApiTokenRevoked] as const

export type TokenEvent = EventOf<(typeof tokenEvents)[number]>

/** One stream per token, so that one key says whether it was revoked. */
export const tokenStream = (tokenId: string): string => `token-${tokenId}`
