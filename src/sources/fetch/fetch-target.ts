import { isIP } from 'node:net'
import { SourceFailure } from '../source-failure.ts'
import { isPublicAddress } from './public-address.ts'

/** One exception to "public addresses only": exactly this host and port, optionally dialled elsewhere. */
export interface AllowedEndpoint {
  /** Lower case, IPv6 in brackets, as `URL.hostname` spells it. */
  host: string
  port: number
  connect?: { address: string; port: number } | undefined
}

/** Names that never mean a host of the public internet; refused before the resolver hears of them. */
const privateName = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa|onion)$/

/** Services that are not web servers and that a forged request could talk to. */
const refusedPorts = new Set([
  1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060,
  5061, 5432, 5672, 5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 9042, 9092, 10250,
  11211, 27017,
])

const portOf = (url: URL): number =>
  url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80

/** The exception that covers a host and port, if the operator made one. */
export const allowedEndpoint = (
  allow: readonly AllowedEndpoint[],
  host: string,
  port: number,
): AllowedEndpoint | undefined =>
  allow.find((entry) => entry.host === host.toLowerCase() && entry.port === port)

/** Parses an address to fetch and refuses what is visible without asking the resolver. */
export function fetchTarget(address: string, allow: readonly AllowedEndpoint[]): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url) throw new SourceFailure('BAD_URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new SourceFailure('BAD_URL', 'only http and https are read')
  }
  if (url.username || url.password) throw new SourceFailure('BAD_URL', 'it carries a password')
  if (url.href.length > 8000)
    throw new SourceFailure('BAD_URL', 'it is longer than 8000 characters')
  url.hash = ''
  // `host.` and `host` are one host; two spellings would have two caches and two sets of limits.
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.replace(/\.+$/, '')
  if (allowedEndpoint(allow, url.hostname, portOf(url))) return url
  refuseHost(url)
  return url
}

function refuseHost(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) ? !isPublicAddress(host) : !host.includes('.') || privateName.test(host)) {
    throw new SourceFailure('BLOCKED_ADDRESS')
  }
  const port = portOf(url)
  if ((port !== 80 && port !== 443 && port < 1024) || refusedPorts.has(port)) {
    throw new SourceFailure('BLOCKED_ADDRESS', `port ${port} is not read`)
  }
}
