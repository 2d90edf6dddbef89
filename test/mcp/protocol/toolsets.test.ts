import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseConfig } from '../../../src/config.ts'
import { tools, toolsOf } from '../../../src/mcp/tools/tools.ts'
import { narrowed, offerOf } from '../../../src/toolsets.ts'
import { freshDatabase } from '../../support/database.ts'
import { startNovaServer } from '../../support/nova-process.ts'

const offer = (environment: Record<string, string> = {}) => {
  const parsed = parseConfig(environment)
  return parsed.ok ? offerOf(parsed.config) : assert.fail(parsed.problem)
}
const namesOf = (...asked: Parameters<typeof narrowed>) =>
  toolsOf(narrowed(...asked)).map(({ name }) => name)

describe('the tools that a client asks for', () => {
  it('are all of them when it asks for none', () => {
    const all = namesOf(offer(), { toolsets: undefined, readOnly: false })
    assert.deepEqual(
      all,
      tools.map(({ name }) => name),
    )
  })

  it('are those of the sets that it names, and of these only what changes nothing', () => {
    const admin = namesOf(offer(), { toolsets: 'admin', readOnly: false })
    assert.deepEqual(admin, ['assign_plan', 'read_analytics'])
    const reading = namesOf(offer(), { toolsets: ' research , admin', readOnly: true })
    assert.ok(reading.includes('get_article') && reading.includes('read_analytics'))
    for (const { name, hints } of tools) assert.equal(reading.includes(name), hints.readOnlyHint)
  })

  it('are never more than the server offers', () => {
    const research = offer({ NOVA_TOOLSETS: 'research', NOVA_READ_ONLY: '1' })
    const asked = { toolsets: undefined, readOnly: false }
    assert.ok(!namesOf(research, asked).includes('create_article'))
    assert.ok(!namesOf(research, asked).includes('read_analytics'))
    for (const toolsets of ['admin', 'research,admin', 'everything', ',']) {
      assert.throws(() => narrowed(research, { ...asked, toolsets }), {
        code: 'TOOLSET_UNKNOWN',
        details: { toolsets: 'research' },
      })
    }
  })

  it('are named in the settings by names that exist', () => {
    for (const list of ['reserch', 'research,', ',']) {
      assert.equal(parseConfig({ NOVA_TOOLSETS: list }).ok, false, list)
    }
  })

  it('are what an address and a header say, and a call of another tool finds none', async () => {
    await using db = await freshDatabase()
    await using server = await startNovaServer({ DATABASE_URL: db.url })
    const send = async (query: string, headers: object, method: string, params: object = {}) => {
      const response = await fetch(`${server.mcpUrl}${query}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      })
      const text = await response.text()
      return Object(JSON.parse(text.replace(/^[^{]*data: /s, '').trim()))
    }
    const listed = async (query: string, headers = {}) =>
      (await send(query, headers, 'tools/list')).result.tools
        .map(Object)
        .map((t: object) => Reflect.get(t, 'name'))
    assert.deepEqual(await listed('?toolsets=admin'), ['assign_plan', 'read_analytics'])
    assert.deepEqual(await listed('', { 'x-mcp-toolsets': 'admin', 'x-mcp-readonly': '1' }), [
      'read_analytics',
    ])
    assert.equal((await listed('?readonly=false')).length, tools.length)
    const reading = await listed('?readonly')
    assert.ok(reading.includes('get_article') && !reading.includes('create_article'))
    const create = { name: 'create_article', arguments: { guideline: '# A' } }
    const { error } = await send('?readonly', {}, 'tools/call', create)
    assert.match(error.message, /create_article/)
    const empty = { name: 'list_articles', arguments: {} }
    const { result } = await send('?readonly', {}, 'tools/call', empty)
    assert.deepEqual(result.structuredContent.articles, [])
    const refused = await send('?toolsets=sqll', {}, 'tools/list')
    assert.equal(refused.error.data.code, 'TOOLSET_UNKNOWN')
  })
})
