import type { NetConnectOpts } from 'node:net'

/** Where the server of a database URL listens; its host may be a socket folder. */
export function serverAt(databaseUrl: string): NetConnectOpts {
  const { hostname, port } = new URL(databaseUrl)
  const host = decodeURIComponent(hostname)
  const at = Number(port || 5432)
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${at}` } : { host, port: at }
}
