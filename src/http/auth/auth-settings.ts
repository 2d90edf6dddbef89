import { Refusal } from '../../errors.ts'
import type { HttpConfig } from '../server/http-deps.ts'

/** How callers prove who they are. */
export type AuthSettings =
  | { mode: 'local' }
  | { mode: 'token'; token: string }
  | { mode: 'oidc'; issuer: string; audience: () => string }

/**
 * Reads the mode from the settings. Descope's tokens carry the project as audience; every other issuer is
 * expected to name the MCP URL (RFC 8707) unless NOVA_AUTH_AUDIENCE says otherwise.
 */
export function authSettings(
  config: Pick<
    HttpConfig,
    | 'NOVA_AUTH_ISSUER'
    | 'NOVA_AUTH_AUDIENCE'
    | 'DESCOPE_PROJECT_ID'
    | 'DESCOPE_BASE_URL'
    | 'NOVA_ACCESS_TOKEN'
  >,
  /** Asked for late: with port 0 the address is not known before the server listens. */
  mcpUrl: () => string,
): AuthSettings {
  const { NOVA_AUTH_ISSUER, NOVA_AUTH_AUDIENCE, DESCOPE_PROJECT_ID, NOVA_ACCESS_TOKEN } = config
  if (NOVA_ACCESS_TOKEN && (NOVA_AUTH_ISSUER || DESCOPE_PROJECT_ID)) {
    throw new Refusal('CONFIG_INVALID', {
      problem: 'NOVA_ACCESS_TOKEN and an issuer exclude each other; set one of them.',
    })
  }
  if (NOVA_ACCESS_TOKEN) return { mode: 'token', token: NOVA_ACCESS_TOKEN }
  if (NOVA_AUTH_ISSUER) {
    return {
      mode: 'oidc',
      issuer: NOVA_AUTH_ISSUER,
      audience: () => NOVA_AUTH_AUDIENCE ?? mcpUrl(),
    }
  }
  if (!DESCOPE_PROJECT_ID) return { mode: 'local' }
  const base = config.DESCOPE_BASE_URL.replace(/\/+$/, '')
  return {
    mode: 'oidc',
    issuer: `${base}/v1/apps/${DESCOPE_PROJECT_ID}`,
    audience: () => NOVA_AUTH_AUDIENCE ?? DESCOPE_PROJECT_ID,
  }
}
