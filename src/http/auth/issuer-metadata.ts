import { z } from 'zod'
import { isLoopback } from '../../config.ts'

const metadata = z.object({ issuer: z.string(), jwks_uri: z.url() })

export interface IssuerMetadata {
  /** As tokens spell it in `iss`. */
  issuer: string
  jwksUri: URL
}

const timeoutMs = 5000
const bytesMax = 1_000_000

/**
 * Asks an issuer for its metadata: OpenID Connect discovery, else RFC 8414. Throws when neither answers
 * or what answers is not that issuer.
 */
export async function discoverIssuer(issuer: string): Promise<IssuerMetadata> {
  const base = new URL(issuer)
  const path = base.pathname.replace(/\/+$/, '')
  const places = [
    `${base.origin}${path}/.well-known/openid-configuration`,
    `${base.origin}/.well-known/oauth-authorization-server${path}`,
  ]
  const problems: string[] = []
  for (const place of places) {
    try {
      return parseMetadata(await fetchJson(place), issuer)
    } catch (error) {
      problems.push(`${place}: ${(error as Error).message}`)
    }
  }
  throw new Error(`the issuer's metadata could not be read (${problems.join('; ')})`)
}

function parseMetadata(body: unknown, issuer: string): IssuerMetadata {
  const found = metadata.parse(body)
  // Some issuers end in a slash and people leave it out; anything else is another issuer.
  if (withoutSlash(found.issuer) !== withoutSlash(issuer)) {
    throw new Error(`it calls itself ${found.issuer}`)
  }
  const jwksUri = new URL(found.jwks_uri)
  if (jwksUri.protocol !== 'https:' && !isLoopback(jwksUri.hostname)) {
    throw new Error('its keys are not behind https')
  }
  return { issuer: found.issuer, jwksUri }
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    // Thrown in the middle of the answer, which ends it: the rest is not read.
    if (bytes > bytesMax) throw new Error('the answer is too large')
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '')
