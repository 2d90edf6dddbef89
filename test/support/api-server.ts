import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as an API sees it. */
export interface ApiCall {
  method: string
  path: string
  parameters: URLSearchParams
  headers: IncomingMessage['headers']
  /** The parsed JSON body; null without one. */
  body: unknown
}

export interface ApiReply {
  status?: number
  headers?: Record<string, string>
  /** Text is sent as it is, anything else as JSON. */
  body: unknown
}

export interface ApiServer extends AsyncDisposable {
  origin: string
  /** Every call so far, in order. */
  calls: ApiCall[]
}

/** A JSON API on loopback. A reply that never resolves is a server that never answers. */
export async function startApiServer(
  reply: (call: ApiCall) => ApiReply | Promise<ApiReply>,
): Promise<ApiServer> {
  const calls: ApiCall[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const url = new URL(request.url ?? '/', 'http://api.test')
    const call = {
      method: request.method ?? 'GET',
      path: url.pathname,
      parameters: url.searchParams,
      headers: request.headers,
      body: text === '' ? null : JSON.parse(text),
    }
    calls.push(call)
    const answer = await reply(call)
    response.writeHead(answer.status ?? 200, {
      'content-type': 'application/json',
      ...answer.headers,
    })
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
