import type { ExtractionPool } from '../extraction/process/extraction-pool.ts'
import type { FetchedResponse, GuardedFetch } from '../fetch/guarded-fetch.ts'
import { isPublicAddress } from '../fetch/public-address.ts'
import { statusFailure } from '../fetch/status-failure.ts'
import { SourceFailure } from '../source-failure.ts'
import type { RenderPage } from './render-page.ts'

export interface RenderServiceSettings {
  /** What `/content` is added to. */
  baseUrl: string
  token?: string | undefined
}

const loadMs = 30_000

/** As browserless takes it: waits until the network is quiet, and answers with what is there by then. */
const orderFor = (url: string) => ({
  url,
  gotoOptions: { waitUntil: 'networkidle2', timeout: loadMs },
  bestAttempt: true,
  rejectResourceTypes: ['image', 'media', 'font'],
})

/**
 * Reads pages that need JavaScript with a service that speaks browserless's `/content`: the page's address
 * goes in, its HTML after the scripts comes out and is converted as any other.
 */
export function createRenderService(
  fetch: GuardedFetch,
  extraction: ExtractionPool,
  settings: RenderServiceSettings,
): RenderPage {
  const endpoint = new URL(`${settings.baseUrl.replace(/\/+$/, '')}/content`)
  if (settings.token) endpoint.searchParams.set('token', settings.token)
  return async (url, signal) => {
    const response = await fetch.fetch({
      url: endpoint.href,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      accept: 'text/html',
      body: JSON.stringify(orderFor(url)),
      signal,
      obeyRobots: false,
      retries: 1,
      timeoutMs: 2 * loadMs,
    })
    const finalUrl = landedAt(response, url)
    const { bytes, charset, retrievedAt } = response
    const page = { bytes, mediaType: 'text/html', charset: charset ?? 'utf-8', url: finalUrl }
    const { unreadable, title, markdown, facts, notes } = await extraction.convert(page, signal)
    if (unreadable) throw new SourceFailure(unreadable)
    return {
      title,
      markdown,
      snapshot: { bytes, mediaType: 'text/html' },
      finalUrl,
      retrievedAt,
      converter: 'render/1',
      facts,
      notes: [`Rendered by the service at ${endpoint.host}.`, ...notes],
    }
  }
}

/**
 * Where the browser ended, which a script may have chosen: another host at a private address is none that we
 * would have read ourselves.
 */
function landedAt({ status, headers, mediaType }: FetchedResponse, url: string): string {
  if (status === 429) throw new SourceFailure('RATE_LIMITED', 'the render service answered 429')
  if (status !== 200) throw new SourceFailure('HTTP_ERROR', `the render service answered ${status}`)
  // Anything else is a word of the service, not of the page, and may repeat what it was sent.
  if (!/html/.test(mediaType))
    throw new SourceFailure('HTTP_ERROR', 'the render service sent no HTML')
  const pageStatus = Number(headers.get('x-response-code') ?? 200)
  if (pageStatus >= 400) throw statusFailure(pageStatus)
  const asked = new URL(url)
  const said = URL.parse(headers.get('x-response-url') ?? '', url) ?? asked
  const landed = /^https?:$/.test(said.protocol) ? said : asked
  const address = headers.get('x-response-ip')
  if (landed.host !== asked.host && address && !isPublicAddress(address)) {
    throw new SourceFailure('BLOCKED_ADDRESS', 'its script leads to another host')
  }
  return landed.href
}
