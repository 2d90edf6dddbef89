import { isIP } from 'node:net'
import { isLoopback } from '../../config.ts'
import type { HttpDeps } from './http-deps.ts'

/**
 * Which Host and Origin headers are ours. A page whose name an attacker rebinds to this address carries
 * that name in Host, and a page of another site carries its own in Origin; neither passes.
 */
export interface AllowedHosts {
  host(header: string | undefined): boolean
  /** `host` is the request's own, already allowed. */
  origin(header: string, host: string): boolean
}

export function allowedHosts(deps: Pick<HttpDeps, 'config' | 'links'>): AllowedHosts {
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
