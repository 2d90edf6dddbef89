import type { Refusal } from '../../errors.ts'
import type { AuthSettings } from './auth-settings.ts'

/** What clients ask their user for at the first sign-in; nova:admin is asked for when it is needed. */
export const usualScopes = ['nova:read', 'nova:write'] as const

/** Where RFC 9728 puts the metadata of the resource `/mcp`. */
export const resourceMetadataPath = '/.well-known/oauth-protected-resource'

/**
 * The WWW-Authenticate header by which Claude, Cursor and VS Code find the issuer (RFC 9728) and the
 * scopes to ask for. A server without an issuer points nowhere.
 */
export function challenge(settings: AuthSettings, refusal: Refusal, serverUrl: string): string {
  const parts: string[] = []
  const { problem, scope } = refusal.details
  if (refusal.code === 'SCOPE_MISSING') {
    parts.push('error="insufficient_scope"', quoted('error_description', refusal.message))
    // Asking for one scope alone would lose the others that the token has.
    parts.push(quoted('scope', [...new Set([...usualScopes, String(scope)])].join(' ')))
  } else {
    if (problem !== undefined) {
      parts.push('error="invalid_token"', quoted('error_description', String(problem)))
    }
    if (settings.mode === 'oidc') parts.push(quoted('scope', usualScopes.join(' ')))
  }
  if (settings.mode === 'oidc') {
    const { origin, pathname } = new URL(`${serverUrl}/mcp`)
    parts.push(quoted('resource_metadata', `${origin}${resourceMetadataPath}${pathname}`))
  }
  return parts.length ? `Bearer ${parts.join(', ')}` : 'Bearer'
}

const quoted = (name: string, value: string): string => `${name}="${value.replace(/["\\]/g, '')}"`
