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
import { Agent, fetch as undiciFetch } from 'undici'
import { tools } from '../../../src/mcp/tools/tools.ts'
import { mcpWorld } from '../../support/mcp-world.ts'
import { type OidcIssuer, signIn, startOidcIssuer } from '../../support/oidc-issuer.ts'

const redirectUrl = 'http://127.0.0.1:33418/callback'

/** What an AI client keeps between its steps; the browser is `signIn`. */
function keeperFor(login: string, client?: StoredOAuthClientInformation) {
  const kept: {
    client?: StoredOAuthClientInformation
    tokens?: StoredOAuthTokens
    verifier?: string
    asked?: URL
    arrived?: URL
  } = { ...(client && { client }) }
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
async function signInWorld(tokens: { accessTokenSeconds?: number } = {}) {
  const closing = new AsyncDisposableStack()
  let resource = ''
  const issuer: OidcIssuer = closing.use(await startOidcIssuer(() => resource, tokens))
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

/** Signs in as a person of that name would, with a browser. */
async function signedInAs(
  login: string,
  mcpUrl: string,
  { fetch, known }: { fetch?: typeof globalThis.fetch; known?: StoredOAuthClientInformation } = {},
) {
  const { provider, kept } = keeperFor(login, known)
  const transport = () =>
    new StreamableHTTPClientTransport(new URL(mcpUrl), {
      authProvider: provider,
      ...(fetch && { fetch }),
    })
  const first = transport()
  await assert.rejects(kinds['of today'].client().connect(first), /Unauthorized/)
  await comeBack(first, kept.arrived)
  const client = kinds['of today'].client()
  const connected = transport()
  await client.connect(connected)
  return { client, transport: connected, kept }
}

/** The browser is back at the client's address, with a code in it. */
const comeBack = (transport: StreamableHTTPClientTransport, arrived: URL | undefined) =>
  transport.finishAuth(
    arrived?.searchParams.get('code') ?? '',
    arrived?.searchParams.get('iss') ?? undefined,
  )

const scopesOf = (token: string | undefined) => String(decodeJwt(token ?? '').scope).split(' ')

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
      const usable = tools.filter(({ scope }) => scope !== 'nova:admin')
      assert.equal((await signedIn.listTools()).tools.length, usable.length)
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

  it('steps up to nova:admin when a tool asks for it, and keeps the scopes it had', async () => {
    await using world = await signInWorld()
    // A client that registers by itself does so for the scopes of its first challenge, and this issuer then
    // gives it no other: administrators use one that was registered for them.
    const scope = 'nova:read nova:write nova:admin offline_access'
    const known = await world.issuer.register({ ...keeperFor('').provider.clientMetadata, scope })
    const { client, transport, kept } = await signedInAs('ann', world.mcpUrl, { known })
    assert.deepEqual(scopesOf(kept.tokens?.access_token), ['nova:read', 'nova:write'])
    const askedBefore = kept.asked
    const ask = () => client.callTool({ name: 'read_analytics', arguments: {} })
    await assert.rejects(ask(), /Unauthorized/)
    assert.notEqual(kept.asked, askedBefore)
    assert.match(kept.asked?.searchParams.get('scope') ?? '', /\bnova:admin\b/)
    await comeBack(transport, kept.arrived)
    const scopes = ['nova:read', 'nova:write', 'nova:admin']
    assert.deepEqual(scopesOf(kept.tokens?.access_token).toSorted(), scopes.toSorted())
    assert.ok(!(await ask()).isError)
    assert.equal(world.issuer.registered(), 1)
    await client.close()
  })

  it('gets a new token with its refresh token when the old one has expired, and asks nobody', async (t) => {
    await using world = await signInWorld({ accessTokenSeconds: 60 })
    const { client, kept } = await signedInAs('ann', world.mcpUrl)
    const old = kept.tokens?.access_token ?? ''
    const askedBefore = kept.asked
    // Clocks may differ by half a minute.
    t.mock.timers.enable({ apis: ['Date'], now: Number(decodeJwt(old).exp) * 1000 + 31_000 })
    const { structuredContent } = await client.callTool({ name: 'list_articles', arguments: {} })
    assert.ok(structuredContent)
    assert.notEqual(kept.tokens?.access_token, old)
    assert.equal(decodeJwt(kept.tokens?.access_token ?? '').sub, 'ann')
    assert.equal(kept.asked, askedBefore)
    await client.close()
  })

  it('is one person each for two people on one connection', async () => {
    await using world = await signInWorld()
    const agent = new Agent({ connections: 1, pipelining: 1 })
    let connections = 0
    agent.on('connect', (origin) => {
      if (String(origin).startsWith(new URL(world.mcpUrl).origin)) connections += 1
    })
    const shared = ((url, init) =>
      undiciFetch(url as string, { ...(init as object), dispatcher: agent })) as typeof fetch
    const people = await Promise.all(
      ['ann', 'bob'].map((login) => signedInAs(login, world.mcpUrl, { fetch: shared })),
    )
    await Promise.all(
      people.flatMap(({ client, kept }) => {
        const guideline = `# Of ${decodeJwt(kept.tokens?.access_token ?? '').sub}`
        return Array.from({ length: 5 }, () =>
          client.callTool({ name: 'create_article', arguments: { guideline } }),
        )
      }),
    )
    for (const [n, { client }] of people.entries()) {
      const { structuredContent } = await client.callTool({ name: 'list_articles', arguments: {} })
      const { articles } = structuredContent as { articles: { title: string }[] }
      const own = n === 0 ? 'Of ann' : 'Of bob'
      assert.deepEqual(
        articles.map(({ title }) => title),
        Array.from({ length: 5 }, () => own),
      )
      await client.close()
    }
    await agent.close()
    assert.equal(connections, 1)
  })
})
