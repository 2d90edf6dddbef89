import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { Provider } from 'oidc-provider'

export interface OidcIssuer extends AsyncDisposable {
  url: string
  /** Clients that registered themselves. */
  registered: () => number
  /** Registers a client by hand. */
  register: (metadata: object) => Promise<{ client_id: string }>
}

const lived = [
  'AccessToken',
  'AuthorizationCode',
  'Grant',
  'IdToken',
  'Interaction',
  'RefreshToken',
  'Session',
]

/**
 * An OpenID Connect provider that we did not write: discovery, dynamic registration, authorization code
 * with PKCE, resource indicators, refresh. Anyone may sign in under any name.
 */
export async function startOidcIssuer(
  resource: () => string,
  { accessTokenSeconds = 300 } = {},
): Promise<OidcIssuer> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const key: JWK = { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'k1' }
  let registered = 0
  const provider = new Provider(url, {
    jwks: { keys: [key as never] },
    ttl: {
      ...Object.fromEntries(lived.map((what) => [what, 300])),
      AccessToken: accessTokenSeconds,
    },
    cookies: { keys: ['a key of the tests'] },
    scopes: ['openid', 'offline_access', 'nova:read', 'nova:write', 'nova:admin'],
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => resource(),
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => ({
          scope: 'nova:read nova:write nova:admin',
          audience: resource(),
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    issueRefreshToken: async () => true,
    // A client whose stream and call find the token expired at the same moment refreshes it twice.
    rotateRefreshToken: false,
  })
  provider.on('registration_create.success', () => {
    registered += 1
  })
  server.on('request', provider.callback())
  return {
    url,
    registered: () => registered,
    async register(metadata) {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify(metadata)
      const response = await fetch(`${url}/reg`, { method: 'POST', headers, body })
      return (await response.json()) as { client_id: string }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What a person does in a browser: signs in, consents, and is sent back; gives the address it ends at. */
export async function signIn(start: URL, login: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = start
  let init: RequestInit = {}
  for (let step = 0; step < 20; step++) {
    if (url.origin !== start.origin) return url
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        ...(init.headers as Record<string, string>),
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value) cookies.set(name, value)
      else cookies.delete(name)
    }
    const location = response.headers.get('location')
    const page = await response.text()
    init = {}
    if (location) {
      url = new URL(location, url)
      continue
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
    if (!prompt) throw new Error(`${response.status} at ${url.pathname}: ${page.slice(0, 500)}`)
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1] ?? url.href
    url = new URL(action, url)
    init = {
      method: 'POST',
      body: new URLSearchParams({ prompt, login, password: 'any' }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }
  }
  throw new Error('the sign-in went in circles')
}
