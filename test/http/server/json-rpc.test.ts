import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { requestWithoutNulls, withoutNulls } from '../../../src/mcp/protocol/without-nulls.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { mcpWorld } from '../../support/mcp-world.ts'

const call = (method: string, params: unknown, id: unknown = 4) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
})

describe('null for what is not given', () => {
  it('is taken by every listed tool in each of its optional arguments', async () => {
    await using world = await mcpWorld()
    const ask = async (method: string, params: unknown) => {
      const answer = await fetch(world.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-06-18',
          'x-user': 'ada',
          'x-scopes': 'nova:read nova:write nova:admin',
        },
        body: JSON.stringify(call(method, params)),
      })
      const text = await answer.text()
      const json = /^data: (\{.*\})$/m.exec(text)?.[1] ?? text
      return JSON.parse(json) as { error?: unknown; result?: Record<string, unknown> }
    }
    const { result } = await ask('tools/list', null)
    const tools = result?.tools as {
      name: string
      inputSchema: { properties: Record<string, unknown>; required?: string[] }
    }[]
    assert.ok(tools.length > 10)
    for (const { name, inputSchema } of tools) {
      const required = new Set(inputSchema.required)
      const optional = Object.keys(inputSchema.properties).filter((key) => !required.has(key))
      const given = Object.fromEntries([
        ...[...required].map((key) => [key, 'x']),
        ...optional.map((key) => [key, null]),
      ])
      const { error, result: answered } = await ask('tools/call', { name, arguments: given })
      assert.equal(error, undefined, name)
      for (const key of optional)
        assert.doesNotMatch(JSON.stringify(answered), new RegExp(`"${key}: `))
    }
    for (const args of [null, {}, { limit: null, cursor: null }, { limit: 'null' }]) {
      const { error, result: answered } = await ask('tools/call', {
        name: 'list_articles',
        arguments: args,
        _meta: null,
      })
      assert.equal(error, undefined, JSON.stringify(args))
      assert.equal(answered?.isError, undefined, JSON.stringify(answered))
    }
  })

  it('goes from any fields, however deep, and nothing else does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const left = withoutNulls(value)
        const fieldsOf = (held: unknown): unknown[] =>
          Array.isArray(held)
            ? held.flatMap(fieldsOf)
            : typeof held === 'object' && held !== null
              ? Object.values(held).flatMap((inner) => [inner, ...fieldsOf(inner)])
              : []
        assert.ok(!fieldsOf(left).includes(null))
        assert.deepEqual(
          fieldsOf(left).filter((held) => typeof held !== 'object'),
          fieldsOf(value).filter((held) => typeof held !== 'object'),
        )
        const answer = { jsonrpc: '2.0', id: 1, result: value }
        assert.deepEqual(requestWithoutNulls(answer), answer)
      }),
    )
  })
})

describe('an MCP client over HTTP', () => {
  const post = (test: TestApp, payload: unknown, headers: Record<string, string> = {}) =>
    test.app.inject({
      method: 'POST',
      url: '/mcp',
      headers: { 'content-type': 'application/json', ...headers },
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    })

  it('may take anything, or say nothing of what it takes', async () => {
    const seen: (string | undefined)[] = []
    const mcp = async (
      request: { headers: { accept?: string } },
      response: { end: () => void },
    ) => {
      seen.push(request.headers.accept)
      response.end()
    }
    await using test = await startTestApp({}, { mcp: mcp as never })
    const both = 'application/json, text/event-stream'
    const anything = ['*/*', 'application/*, text/*;q=0.5', 'text/html, */*;q=0.8', both, '']
    for (const accept of anything.slice(0, 4)) await post(test, {}, { accept })
    await test.app.inject({ method: 'POST', url: '/mcp', payload: {} })
    assert.deepEqual(
      seen,
      anything.map(() => both),
    )
    seen.length = 0
    const less = ['application/json', 'text/event-stream', '*/*;q=0', 'text/html']
    for (const accept of less) await post(test, {}, { accept })
    assert.deepEqual(seen, less)
  })

  it('is refused in JSON-RPC, with the id of its request wherever that could be read', async () => {
    const broken = () => Promise.reject(new Error('only the log'))
    await using test = await startTestApp({ NOVA_REQUESTS_PER_MINUTE: '6' }, { mcp: broken })
    const rows: [payload: unknown, status: number, id: unknown, code: number, refusal: string][] = [
      ['{"jsonrpc":', 400, null, -32_700, 'BODY_INVALID'],
      [`[${'['.repeat(200)}]`, 400, null, -32_600, 'BODY_TOO_COMPLEX'],
      [call('ping', { text: 'x'.repeat(4 * 1024 * 1024) }), 413, null, -32_600, 'BODY_TOO_LARGE'],
      [call('ping', {}, 7), 500, 7, -32_603, 'INTERNAL'],
      [call('ping', {}, 'seven'), 500, 'seven', -32_603, 'INTERNAL'],
      [[call('ping', {})], 500, null, -32_603, 'INTERNAL'],
    ]
    for (const [payload, status, id, code, refusal] of rows) {
      const answer = await post(test, payload)
      assert.equal(answer.statusCode, status, answer.body)
      const { error, ...rest } = answer.json()
      assert.deepEqual(rest, { jsonrpc: '2.0', id })
      assert.equal(error.code, code)
      assert.equal(error.data.code, refusal)
      assert.equal(typeof error.message, 'string')
    }
    const limited = await post(test, call('ping', {}))
    assert.equal(limited.statusCode, 429)
    assert.equal(limited.json().jsonrpc, '2.0')
    assert.equal(limited.json().error.data.code, 'RATE_LIMITED')
    assert.equal((await test.app.inject('/usage')).json().error.code, 'RATE_LIMITED')
  })
})
