import { isLoopback } from '../../config.ts'
import { Refusal } from '../../errors.ts'
import type { HttpConfig } from './http-deps.ts'

type BindingSettings = Pick<
  HttpConfig,
  | 'SERVER_HOST'
  | 'SERVER_URL'
  | 'NOVA_AUTH_ISSUER'
  | 'DESCOPE_PROJECT_ID'
  | 'NOVA_ACCESS_TOKEN'
  | 'NOVA_CONFORMANCE_FIXTURES'
>

/**
 * Refuses to serve anyone but this machine without authentication. A public SERVER_URL counts as well: a
 * tunnel or proxy in front of loopback is as open as a public address. Throws BIND_REFUSED or
 * CONFIG_INVALID.
 */
export function checkBinding(config: BindingSettings): void {
  const reachableAs = [config.SERVER_HOST, ...urlHost(config.SERVER_URL)]
  const beyond = reachableAs.find((host) => !isLoopback(host))
  if (beyond === undefined) return
  const authenticated =
    config.NOVA_AUTH_ISSUER ?? config.DESCOPE_PROJECT_ID ?? config.NOVA_ACCESS_TOKEN
  if (!authenticated) throw new Refusal('BIND_REFUSED', { host: beyond })
  if (config.NOVA_CONFORMANCE_FIXTURES) {
    throw new Refusal('CONFIG_INVALID', {
      problem: 'NOVA_CONFORMANCE_FIXTURES is for tests on loopback only.',
    })
  }
}

const urlHost = (url: string | undefined): string[] =>
  url ? [new URL(url).hostname.replace(/^\[|\]$/g, '')] : []
