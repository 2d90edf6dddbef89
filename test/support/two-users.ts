import assert from 'node:assert/strict'
import diagnostics from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { grantLink } from '../../src/commands/links/grant-link.ts'
import { issueApiToken } from '../../src/commands/people/issue-api-token.ts'
import { assignPlan } from '../../src/commands/usage/assign-plan.ts'
import type { LinkPurpose } from '../../src/events/links/link-events.ts'
import { projections } from '../../src/projections/registry.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { fileForm } from './form.ts'
import { limits } from './limits.ts'
import { type ClientKind, type Connected, connectClient } from './mcp-clients.ts'
import { mcpWorld } from './mcp-world.ts'
import { until } from './until.ts'

/** In everything that is Ada's and in nothing else. */
export const marker = 'Zanzibar-of-Ada'

const pageOf = (words: string) =>
  `<!doctype html><title>${words}</title><article><h1>${words}</h1><p>${'Words that stay. '.repeat(60)}</p></article>`

/** What an answer is compared by; times and ids of the request itself are left out. */
export interface HttpAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/**
 * A whole server with one user, Ada, who has a row of everything, and tokens for others who have nothing.
 * `words` stand in all that is hers.
 */
export async function twoUsers({ words = marker }: { words?: string } = {}) {
  const page = pageOf(words)
  await using making = new AsyncDisposableStack()
  let closing = making
  const routes: string[] = []
  const listening = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
      routes.push(...[method].flat().map((one) => `${one} ${url}`))
    })
  }
  diagnostics.subscribe('fastify.initialization', listening)
  const world = making.use(
    await mcpWorld({
      routes: { '/one': page, '/found': page },
      hits: [{ url: 'http://pages.example/found', title: words, snippet: words }],
      environment: { SERVER_URL: '', SERVER_PORT: '0', NOVA_REQUESTS_PER_MINUTE: '0' },
    }),
  )
  const { url } = await world.nova.listen()
  diagnostics.unsubscribe('fastify.initialization', listening)
  const { services, database } = world.nova

  const project = async () => {
    for (const projection of projections) {
      await until(
        async () => (await drainProjection(database.projector, projection)).kind === 'folded',
        `the projection ${projection.name} to fold`,
      )
    }
  }
  const token = async (userId: string) => {
    const caller = { userId, metadata: { actor: 'cli' as const } }
    const scopes = ['nova:read', 'nova:write'] as const
    const name = userId === 'ada' ? words.slice(0, 90) : 'mine'
    const made = await issueApiToken(services, caller, { name, scopes, expiresAt: null })
    await project()
    return made
  }
  const request = async (
    path: string,
    { token: bearer, ...init }: RequestInit & { token?: string } = {},
  ): Promise<HttpAnswer> => {
    const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
    const response = await fetch(new URL(path, url), {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(240_000),
      headers: { ...(init.headers as Record<string, string>), ...authorization },
    })
    const own = new Set(['date', 'x-request-id', 'connection', 'keep-alive', 'retry-after'])
    const headers = Object.fromEntries([...response.headers].filter(([name]) => !own.has(name)))
    const isStream = headers['content-type']?.includes('event-stream')
    const body = isStream ? 'a stream' : await response.text()
    if (isStream) await response.body?.cancel()
    return { status: response.status, headers, body }
  }
  const connect = async (kind: ClientKind, bearer: string): Promise<Connected> =>
    closing.use(
      await connectClient(kind, new URL(`${url}/mcp`), { authorization: `Bearer ${bearer}` }),
    )
  const link = async (userId: string, purpose: LinkPurpose, articleId: string) => {
    const caller = { userId, metadata: { actor: 'agent' as const } }
    return new URL((await grantLink(services, caller, { purpose, articleId })).url).pathname
  }

  const ada = await token('ada')
  const articleId = await haveEverything(await connect('auto', ada.token), request, words)
  await assignPlan(
    services,
    { userId: 'ada', metadata: { actor: 'cli' } },
    { ...limits({ callsPerMonth: 500, concurrentOperations: 5 }), assignedBy: null },
  )
  const { rows } = await database.owner.query<{ id: string }>(
    `select data->>'operation_id' as id from nova.events where type = 'OperationStarted' limit 1`,
  )
  await database.owner.query(`
    insert into nova.event_archives (month, part, events, first_position, last_position, digest)
      values ('2020-01-01', 'usage', 1, 1, 1, 'x');
    insert into nova.archived_streams (user_id, stream_id, month, part, through_version, last_hash)
      values ('ada', 'usage-ada-2020-01', '2020-01-01', 'usage', 1, 'x');
    insert into nova.append_requests values ('ada', 'a key', 'article-1', 'x', 1, 1)`)
  await project()
  closing = making.move()
  return {
    database,
    services,
    routes,
    url,
    databaseUrl: world.databaseUrl,
    request,
    connect,
    link,
    token,
    project,
    ada: { ...ada, articleId, operationId: rows[0]?.id ?? '' },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

export type TwoUsers = Awaited<ReturnType<typeof twoUsers>>

/** The workflow, so that there is a row of everything. */
async function haveEverything(
  { ok }: Connected,
  request: (path: string, init?: RequestInit) => Promise<HttpAnswer>,
  words: string,
): Promise<string> {
  const guideline = `# ${words}\n\nSee http://pages.example/one and \`notes.md\`.`
  const { article_id } = await ok('create_article', { guideline })
  await ok('extract_guidelines_urls', { article_id })
  const { url } = await ok('request_upload_link', { purpose: 'files', article_id })
  const { payload, headers } = fileForm('notes.md', `# ${words}`)
  const body = new Uint8Array(payload)
  const path = new URL(String(url)).pathname
  const uploaded = await request(path, { method: 'POST', body, headers })
  assert.ok(uploaded.status < 400, uploaded.body)
  await ok('scrape_and_clean_other_urls', { article_id, wait_seconds: 50 })
  await ok('generate_next_queries', { article_id, count: 1 })
  await ok('run_perplexity_research', { article_id, wait_seconds: 50 })
  await ok('select_research_sources_to_keep', { article_id })
  await ok('create_research_file', { article_id })
  await ok('research_article', { article_id, rounds: 0, wait_seconds: 50 })
  return String(article_id)
}
