import { type LookupAddress, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { SourceFailure } from '../source-failure.ts'
import { type AllowedEndpoint, allowedEndpoint } from './fetch-target.ts'
import { isPublicAddress } from './public-address.ts'

/** Resolves a name to every address it has; tests put their own answers here. */
export type ResolveHost = (
  host: string,
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void

const systemResolve: ResolveHost = (host, done) =>
  lookup(host, { all: true }, (error, addresses) => done(error, addresses ?? []))

/**
 * The only way out. The check sits in the connector, so it sees the address that is really dialled: a
 * name that resolves differently a moment later, or a redirect, cannot get past it.
 */
export function createFetchAgent(settings: {
  allow: readonly AllowedEndpoint[]
  resolve?: ResolveHost | undefined
}): Agent {
  const pinned = buildConnector({
    allowH2: false,
    autoSelectFamily: true,
    timeout: 10_000,
    lookup: publicOnly(settings.resolve ?? systemResolve),
  })
  const unchecked = buildConnector({ allowH2: false, autoSelectFamily: true, timeout: 10_000 })
  return new Agent({
    keepAliveTimeout: 4_000,
    maxOrigins: 500,
    connect(options, done) {
      const host = options.hostname.replace(/^\[|\]$/g, '')
      const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80)
      const exception = allowedEndpoint(settings.allow, options.hostname, port)
      if (!exception) {
        if (isIP(host) && !isPublicAddress(host)) return done(blocked(), null)
        return pinned(options, done)
      }
      if (!exception.connect) return unchecked(options, done)
      const { address, port: dialled } = exception.connect
      const elsewhere = { ...options, hostname: address, port: String(dialled) }
      if (options.protocol === 'https:' && !isIP(host)) elsewhere.servername = host
      unchecked(elsewhere, done)
    },
  })
}

const blocked = () => new SourceFailure('BLOCKED_ADDRESS')

/** One private answer among public ones refuses the name: which one is dialled is not ours to choose. */
function publicOnly(resolve: ResolveHost): LookupFunction {
  return (host, options, done) => {
    resolve(host, (error, addresses) => {
      const [first] = addresses
      if (error || !first) return done(error ?? new SourceFailure('DNS'), [])
      if (!addresses.every(({ address }) => isPublicAddress(address))) return done(blocked(), [])
      if (options.all) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}
