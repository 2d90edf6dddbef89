import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { Refusal } from '../../errors.ts'
import { isErrorCode } from '../../store/database/error-code.ts'
import { mayRead, type OfferedMetrics } from './offered-metrics.ts'

/**
 * /metrics on a port of its own, which no proxy opens to the world, and which a process that only works has
 * too. Throws Refusal PORT_IN_USE.
 */
export async function serveMetrics(
  offered: OfferedMetrics,
  { host, port }: { host: string; port: number },
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') return end(response, 404)
    if (!mayRead(offered, request.headers.authorization)) return end(response, 401)
    offered.metrics.text().then(
      (text) => end(response, 200, { 'content-type': offered.metrics.contentType }, text),
      () => end(response, 500),
    )
  })
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    if (isErrorCode(error, 'EADDRINUSE')) throw new Refusal('PORT_IN_USE', { port })
    throw error
  }
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function end(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  text = '',
): void {
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  response.writeHead(status, { ...headers, ...challenge }).end(text)
}
