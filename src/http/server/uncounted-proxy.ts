import type { FastifyRequest } from 'fastify'
import type { Config } from '../../config.ts'

/**
 * What to say when a request came through a proxy that the settings do not count: all clients behind it share
 * one address, so they share its limits. Null when that is not so.
 */
export function uncountedProxy(
  { headers }: Pick<FastifyRequest, 'headers'>,
  config: Pick<Config, 'NOVA_TRUSTED_PROXIES'>,
): string | null {
  if (config.NOVA_TRUSTED_PROXIES > 0 || headers['x-forwarded-for'] === undefined) return null
  return (
    'X-Forwarded-For arrives and NOVA_TRUSTED_PROXIES is 0: all clients behind that proxy share the limits ' +
    'of one address; set it to the number of proxies in front'
  )
}
