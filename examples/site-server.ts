import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { repositoryArchive } from './site-archive.ts'
import { oddRoutes } from './site-odd-routes.ts'
import { loadPages, type SitePage } from './site-pages.ts'
import { createSearch } from './site-search.ts'
import { captions, playerAnswer } from './site-video.ts'

export interface ExampleSite extends AsyncDisposable {
  port: number
  /** `http://127.0.0.1:port`: the Git host, the video site and the search endpoint. */
  origin: string
  /** The settings that point Nova's real adapters here. */
  environment: Record<string, string>
  /** Every request so far as `METHOD host/path`, in order of arrival. */
  requests: string[]
}

/**
 * A small web on one loopback port: several sites told apart by their Host header, each with its own
 * robots.txt, and the interfaces of a Git host, a video site and a search engine. It misbehaves on purpose
 * in a few places (`site-odd-routes.ts`), as the web does.
 */
export async function startExampleSite(): Promise<ExampleSite> {
  const pages = await loadPages()
  const archive = await repositoryArchive()
  const search = createSearch([...pages.values()])
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`)
    requests.push(`${request.method} ${url.host}${url.pathname}${url.search}`)
    if (url.hostname === '127.0.0.1') answerInterface(url, request, response, { search, archive })
    else answerPage(url, response, pages)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const hosts = new Set([...pages.values()].map((page) => page.host))
  for (const route of oddRoutes.keys()) hosts.add(route.slice(0, route.indexOf('/')))
  return {
    port,
    origin,
    environment: {
      NOVA_FETCH_ALLOW: [
        `127.0.0.1:${port}`,
        ...[...hosts].map((host) => `${host}:80=127.0.0.1:${port}`),
      ].join(','),
      NOVA_GITHUB_ARCHIVE_URL: origin,
      NOVA_YOUTUBE_URL: origin,
      NOVA_SEARXNG_URL: origin,
      NOVA_SEARCH: 'searxng',
    },
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Pages by host and path; what a host does not have is its own 404 page, as large as such pages are. */
function answerPage(url: URL, response: ServerResponse, pages: Map<string, SitePage>): void {
  const key = `${url.hostname}${url.pathname}`
  const odd = oddRoutes.get(key)
  const page = pages.get(key)
  if (odd) {
    odd(response)
  } else if (page) {
    response.writeHead(200, { 'content-type': page.contentType, etag: page.etag }).end(page.body)
  } else if (url.pathname === '/robots.txt') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('no rules here\n')
  } else {
    response
      .writeHead(404, { 'content-type': 'text/html; charset=utf-8' })
      .end('<!doctype html><title>Page not found</title><h1>404</h1><p>We moved some things.</p>')
  }
}

interface Interfaces {
  search: (query: string) => object
  archive: { path: string; bytes: Uint8Array }
}

/** What is asked under the bare address: archives, player data, captions and search. */
function answerInterface(
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  { search, archive }: Interfaces,
): void {
  if (url.pathname === archive.path) {
    response.writeHead(200, { 'content-type': 'application/x-gzip' }).end(archive.bytes)
  } else if (url.pathname === '/youtubei/v1/player') {
    readBody(request).then(
      (body) => json(response, playerAnswer(body, url.origin)),
      () => response.destroy(),
    )
  } else if (url.pathname === '/api/timedtext') {
    json(response, captions())
  } else if (url.pathname === '/search' && url.searchParams.get('format') === 'json') {
    json(response, search(url.searchParams.get('q') ?? ''))
  } else {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404: Not Found')
  }
}

const json = (response: ServerResponse, body: object) =>
  response
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify(body))

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
