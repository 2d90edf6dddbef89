import assert from 'node:assert/strict'
import diagnostics from 'node:diagnostics_channel'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { FastifyInstance, HTTPMethods, RouteOptions } from 'fastify'
import { tools } from '../src/mcp/tools/tools.ts'
import { startTestApp } from './support/app.ts'
import { hostileTexts, hostileValue, hostileWithin, type Schema } from './support/hostile-values.ts'
import { mcpWorld } from './support/mcp-world.ts'

/** How long an answer may take before it counts as none, in milliseconds. */
const patienceMs = 60_000

describe('hostile arguments are answered or refused, and never a bug', {
  concurrency: true,
}, () => {
  it('every argument of every tool', async () => {
    await using world = await mcpWorld({ role: 'web' })
    const client = await world.connect('auto', 'ada', ['nova:read', 'nova:write', 'nova:admin'])
    const { article_id } = await client.ok('create_article', {
      guideline: '# A\n\nhttps://a.example',
    })
    /** What lets a call come past the checks of its other arguments. */
    const honest: Record<string, unknown> = {
      ...{ article_id, wait_seconds: 0, operation_id: crypto.randomUUID(), user: 'ada' },
    }
    await Promise.all(
      tools.map(async ({ name, inputSchema }) => {
        const { properties = {} } = structuredClone(inputSchema) as Schema
        // No worker lives, so that waiting longer only takes longer.
        if (properties.wait_seconds) properties.wait_seconds.maximum = 0
        const args = hostileArguments(properties, honest)
        const property = fc.asyncProperty(args, async (given) => {
          const answer = await client.call(name, given).catch(refusedByProtocol)
          assert.notEqual(answer?.refusal.code, 'INTERNAL', answer?.text)
        })
        await fc.assert(property, {
          numRuns: 8 * Object.keys(properties).length,
          timeout: patienceMs,
        })
      }),
    )
    assert.deepEqual(bugsIn(world.logged), [])
  })

  it('every parameter and body of every address', async () => {
    const routes: RouteOptions[] = []
    const listening = (message: unknown) => {
      const { fastify } = message as { fastify: FastifyInstance }
      fastify.addHook('onRoute', (route: RouteOptions) => void routes.push(route))
    }
    diagnostics.subscribe('fastify.initialization', listening)
    await using test = await startTestApp({ NOVA_REQUESTS_PER_MINUTE: '0' })
    diagnostics.unsubscribe('fastify.initialization', listening)
    const { paths = {} } = test.app.swagger() as { paths?: Record<string, Operations> }
    const articleId = await test.article()
    for (const { method, url } of routes) {
      for (const verb of [method].flat() as HTTPMethods[]) {
        const told = paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[verb.toLowerCase()] ?? {}
        const property = fc.asyncProperty(hostileRequest(url, told, articleId), async (request) => {
          const answer = await test.app.inject({ method: verb, ...request })
          const isStatus = answer.statusCode < 500
          assert.ok(isStatus, `${verb} ${request.url}: ${answer.statusCode} ${answer.body}`)
        })
        await fc.assert(property, { numRuns: 8, timeout: patienceMs })
      }
    }
    assert.deepEqual(bugsIn(test.log.map((line) => JSON.parse(line))), [])
  })
})

/** Honest arguments, one or two of which are not. */
function hostileArguments(properties: Record<string, Schema>, honest: Record<string, unknown>) {
  const names = Object.keys(properties)
  const known = Object.fromEntries(
    names.filter((name) => name in honest).map((name) => [name, honest[name]]),
  )
  const one = fc.constantFrom(...names).chain((name) => {
    const value = fc.oneof(hostileWithin(properties[name] ?? {}), hostileValue)
    return value.map((given) => ({ [name]: given }))
  })
  const rest = fc.record(
    Object.fromEntries(
      names
        .filter((name) => !(name in honest))
        .map((name) => [name, hostileWithin(properties[name] ?? {})]),
    ),
  )
  return fc.tuple(rest, one).map(([others, changed]) => ({ ...others, ...known, ...changed }))
}

interface Operation {
  parameters?: { in: string; name: string; schema: Schema }[]
  requestBody?: { content: Record<string, { schema?: Schema }> }
}
type Operations = Record<string, Operation>

function hostileRequest(
  path: string,
  { parameters = [], requestBody }: Operation,
  articleId: string,
) {
  const text = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'binary' }))
  // An open stream of an article ends with its client only.
  const place = path.includes('progress') ? text : fc.oneof(text, fc.constant(articleId))
  const pathOf = fc
    .array(place, { minLength: 4, maxLength: 4 })
    .map((parts) => path.replaceAll(/:\w+|\*/g, () => escaped(parts.pop() ?? '')))
  const queries = parameters.filter((parameter) => parameter.in === 'query')
  const query = fc.record(
    Object.fromEntries(
      queries.map(({ name, schema }) => [name, fc.oneof(text, hostileWithin(schema).map(String))]),
    ),
    { requiredKeys: [] },
  )
  const { schema = {} } = requestBody?.content['application/json'] ?? {}
  const body = fc.oneof(hostileWithin(schema), hostileValue)
  return fc.record({
    url: fc.tuple(pathOf, query).map(
      ([at, given]) =>
        `${at}?${Object.entries(given)
          .map(([name, value]) => `${name}=${escaped(String(value))}`)
          .join('&')}`,
    ),
    ...(requestBody && {
      payload: body.map((value) => JSON.stringify(value) ?? ''),
      headers: fc.constantFrom(
        { 'content-type': 'application/json' },
        { 'content-type': 'application/json' },
        { 'content-type': 'multipart/form-data; boundary=x' },
        { 'content-type': 'application/x-www-form-urlencoded' },
        { 'content-type': 'text/markdown' },
      ),
    }),
  })
}

/** Percent-encoded; what has no encoding goes as it is, which is hostile too. */
function escaped(value: string): string {
  return value.isWellFormed() ? encodeURIComponent(value.slice(0, 8_000)) : '%ED%A0%80'
}

/** The protocol's own refusal of arguments. Rethrows what is none. */
function refusedByProtocol(error: unknown): undefined {
  if ((error as { code?: number }).code !== -32_602) throw error
}

const bugsIn = (logged: readonly Record<string, unknown>[]) =>
  logged.filter(({ level }) => Number(level) >= 50)
