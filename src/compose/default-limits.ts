import type { Config } from '../config.ts'

/**
 * What users without a plan may do; 0 = unlimited. Where many people sign in, one of them must not take all
 * that there is; two articles researched side by side stay well below it.
 */
export function defaultLimits(config: Partial<Config>) {
  const isShared = Boolean(config.NOVA_AUTH_ISSUER ?? config.DESCOPE_PROJECT_ID)
  return {
    callsPerMonth: config.MONTHLY_TOOL_CALL_LIMIT ?? (isShared ? 100 : 0),
    callsPerMinute: config.NOVA_CALLS_PER_MINUTE ?? (isShared ? 120 : 0),
    concurrentOperations: config.NOVA_CONCURRENT_OPERATIONS ?? (isShared ? 6 : 0),
  }
}
