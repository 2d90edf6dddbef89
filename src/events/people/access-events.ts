import { z } from 'zod'
import { defineEvent, instant } from '../define-event.ts'

/** Kinds of refusal that one event tells apart; a flood from everywhere is counted in `others`. */
export const refusalKindsMax = 20

/**
 * The requests that a server refused within one minute. One event however much it was, so that a flood of bad
 * tokens fills no table. A network is what is left of an address without its last part.
 */
export const AccessRefused = defineEvent('AccessRefused', {
  refusals: z
    .array(
      z.strictObject({
        /** A code of ours, never what the request said. */
        reason: z.string().regex(/^[A-Z][A-Z_]{1,40}$/),
        network: z.string().min(1).max(60),
        count: z.number().int().min(1),
      }),
    )
    .max(refusalKindsMax),
  others: z.number().int().min(0),
  began_at: instant(),
  ended_at: instant(),
})

export const accessEvents = [AccessRefused] as const

/** Whose events these are. No token's subject has a space in it, so no user has this name. */
export const serverUserId = 'the server'

/** One stream per month, as the streams of usage. */
export const accessStream = (now: Date): string => `access-${now.toISOString().slice(0, 7)}`
