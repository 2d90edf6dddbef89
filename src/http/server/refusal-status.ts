import type { Refusal, RefusalKind } from '../../errors.ts'

/** The one place where a kind of refusal becomes a status. */
export const statusOfKind: Readonly<Record<RefusalKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  precondition: 409,
  gone: 410,
  too_large: 413,
  unsupported: 415,
  quota: 429,
  rate_limited: 429,
  misconfigured: 500,
  unavailable: 503,
}

/** Seconds after which the same request may succeed, or null when waiting does not help. */
export function retryAfterSeconds(refusal: Refusal, now: Date): number | null {
  const { retry_after, resets_at } = refusal.details
  if (typeof retry_after === 'number') return Math.max(1, Math.ceil(retry_after))
  if (typeof resets_at === 'string') {
    return Math.max(1, Math.ceil((Date.parse(resets_at) - now.getTime()) / 1000))
  }
  if (refusal.code === 'CONCURRENT_CHANGE') return 1
  return refusal.retryable ? 5 : null
}
