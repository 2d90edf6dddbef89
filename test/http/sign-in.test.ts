import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  Client,
  type OAuthClientProvider,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { decodeJwt } from 'jose'
import { mcpWorld } from '../support/mcp-world.ts'
import { type OidcIssuer, signIn, startOidcIssuer } from '../support/oidc-issuer.ts'

const redirectUrl = 'http://127.0.0.1:33418/callback'

/** What an AI client keeps between its steps; the browser is `signIn`. */
function keeperFor(login: string) {
  const kept: {
    client?: StoredOAuthClientInformation
    tokens?: StoredOAuthTokens
    verifier?: string
    asked?: URL
    arrived?: URL
  } = {}
  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: {
      client_name: 'nova-test',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => {
      kept.client = client
    },
    tokens: () => kept.tokens,
    saveTokens: (tokens) => {
      kept.tokens = tokens
    },
    saveCodeVerifier: (verifier) => {
      kept.verifier = verifier
    },
    codeVerifier: () => kept.verifier ?? '',
    async redirectToAuthorization(url) {
      kept.asked = url
      kept.arrived = await signIn(url, login)
    },
  }
  return { provider, kept }
}

/** The whole server over HTTP, with its MCP endpoint, behind a real issuer. */
async function signInWorld() {
  const closing = new AsyncDisposableStack()
  let resource = ''
  const issuer: OidcIssuer = closing.use(await startOidcIssuer(() => resource))
  const world = closing.use(
    await mcpWorld({
      environment: { SERVER_URL: '', SERVER_PORT: '0', NOVA_AUTH_ISSUER: issuer.url },
    }),
  )
  const { mcpUrl } = await world.nova.listen()
  resource = mcpUrl
  return { issuer, mcpUrl, nova: world.nova, [Symbol.asyncDispose]: () => closing.disposeAsync() }
}

const kinds = {
  'of today': {
    client: () => new Client({ name: 'nova-test', version: '2' }),
    transport: (url: URL, authProvider: OAuthClientProvider) =>
      new StreamableHTTPClientTransport(url, { authProvider }),
  },
  'of 2025': {
    client: () => new OldClient({ name: 'nova-test', version: '1' }) as unknown as Client,
    transport: (url: URL, authProvider: OAuthClientProvider) =>
      new OldTransport(url, {
        authProvider: authProvider as never,
      }) as unknown as StreamableHTTPClientTransport,
  },
}

describe('signing in through the official client', () => {
  for (const [kind, { client, transport }] of Object.entries(kinds)) {
    it(`${kind}: from 401 by discovery, registration, consent and PKCE to its tools`, async () => {
      await using world = await signInWorld()
      const url = new URL(world.mcpUrl)
      const { provider, kept } = keeperFor('ann')
      const first = transport(url, provider)
      await assert.rejects(client().connect(first), /Unauthorized/)
      assert.ok(kept.asked && kept.arrived, 'the client sent nobody to sign in')
      const asked = kept.asked.searchParams
      assert.equal(kept.asked.origin, world.issuer.url)
      assert.equal(asked.get('code_challenge_method'), 'S256')
      assert.equal(asked.get('resource'), world.mcpUrl)
      assert.match(asked.get('scope') ?? '', /^nova:read nova:write( offline_access)?$/)
      assert.equal(world.issuer.registered(), 1)
      const arrived = kept.arrived.searchParams
      assert.ok(arrived.has('code'), kept.arrived.href)
      await first.finishAuth(arrived.get('code') ?? '', arrived.get('iss') ?? undefined)
      const claims = decodeJwt(kept.tokens?.access_token ?? '')
      assert.deepEqual(
        [claims.sub, claims.aud, claims.iss],
        ['ann', world.mcpUrl, world.issuer.url],
      )

      const signedIn = client()
      await signedIn.connect(transport(url, provider))
      assert.equal((await signedIn.listTools()).tools.length, 18)
      const created = await signedIn.callTool({
        name: 'create_article',
        arguments: { guideline: '# Of Ann' },
      })
      assert.ok(!created.isError)
      await signedIn.close()
      const { rows } = await world.nova.database.owner.query(
        `select distinct user_id from nova.events`,
      )
      assert.deepEqual(rows, [{ user_id: 'ann' }])
    })
  }
})
