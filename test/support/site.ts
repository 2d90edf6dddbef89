import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a route answers: a body for 200, or everything by hand. */
export type Route =
  | string
  | { status?: number; headers?: Record<string, string>; body?: string | Uint8Array }
  | ((request: IncomingMessage, response: ServerResponse) => void)

export interface Site extends AsyncDisposable {
  port: number
  /** `http://127.0.0.1:port` */
  origin: string
  /** Every request so far as `METHOD /path`, in order of arrival. */
  requests: string[]
  count: (path: string) => number
  /** A fetch exception that reaches this site under a name of its own, on that name's port. */
  allow: (
    host: string,
    port?: number,
  ) => {
    host: string
    port: number
    connect: { address: string; port: number }
  }
}

/** A web site on loopback. Unknown paths, robots.txt included, answer 404. */
export async function startSite(routes: Record<string, Route>): Promise<Site> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    requests.push(`${request.method} ${path}`)
    answer(routes[path] ?? routes[path.split('?')[0] ?? ''], request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    count: (path) => requests.filter((entry) => entry.split(' ')[1] === path).length,
    allow: (host, named = 80) => ({
      host,
      port: named,
      connect: { address: '127.0.0.1', port },
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answer(
  route: Route | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (route === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not here')
  } else if (typeof route === 'string') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(route)
  } else if (typeof route === 'function') {
    route(request, response)
  } else {
    response.writeHead(route.status ?? 200, route.headers ?? {}).end(route.body)
  }
}
