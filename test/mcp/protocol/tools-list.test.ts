import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { countTokens } from 'gpt-tokenizer'
import { tools } from '../../../src/mcp/tools/tools.ts'
import { clientKinds } from '../../support/mcp-clients.ts'
import { mcpWorld } from '../../support/mcp-world.ts'

/** What a listing may cost every user of every client. */
const tokensMax = 5000
/** And what those of administrators may cost them more. */
const adminTokensMax = 1000

const forAdmins = ({ scope }: { scope: string }) => scope === 'nova:admin'
const everybodys = tools.filter((tool) => !forAdmins(tool))
const tokensOf = (listed: object) => countTokens(JSON.stringify(listed))

interface Listed {
  name: string
  inputSchema: Schema
  outputSchema?: Schema
  annotations?: Record<string, unknown>
  description?: string
}

interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  items?: Schema
  [keyword: string]: unknown
}

describe('the tools as clients see them', () => {
  it('are listed alike, in one order, by clients of every revision', async (t) => {
    await using world = await mcpWorld()
    const listings: Listed[][] = []
    for (const kind of clientKinds) {
      const { client } = await world.connect(kind)
      listings.push((await client.listTools()).tools as Listed[])
    }
    const [first = [], ...others] = listings
    for (const other of others) assert.deepEqual(other, first)
    assert.deepEqual(
      first.map((tool) => tool.name),
      everybodys.map((tool) => tool.name),
    )
    for (const tool of first) pin(t, tool)
    const tokens = tokensOf(first)
    t.diagnostic(`${first.length} tools, ${tokens} tokens`)
    assert.ok(tokens <= tokensMax, `the listing costs ${tokens} tokens; keep it under ${tokensMax}`)
  })

  it('are followed by those of administrators, for administrators', async (t) => {
    await using world = await mcpWorld()
    for (const kind of clientKinds) {
      const { client } = await world.connect(kind, 'root', [
        'nova:read',
        'nova:write',
        'nova:admin',
      ])
      const listed = (await client.listTools()).tools as Listed[]
      assert.deepEqual(
        listed.map((tool) => tool.name),
        tools.map((tool) => tool.name),
      )
      const more = listed.slice(everybodys.length)
      for (const tool of more) pin(t, tool)
      const tokens = tokensOf(more)
      t.diagnostic(`${more.length} more, ${tokens} tokens`)
      assert.ok(
        tokens <= adminTokensMax,
        `they cost ${tokens} tokens; keep it under ${adminTokensMax}`,
      )
    }
  })

  for (const tool of tools) {
    it(`${tool.name} is named, described, hinted and bounded`, () => {
      assert.match(tool.name, /^[a-z_]{1,64}$/)
      assert.ok(tool.title.length > 5 && tool.title.length < 60)
      assert.ok(tool.description.length > 60 && tool.description.length < 500)
      const hints = ['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint']
      assert.deepEqual(Object.keys(tool.hints).sort(), hints)
      if (!forAdmins(tool)) assert.equal(tool.hints.readOnlyHint, tool.scope === 'nova:read')
      const input = tool.inputSchema as Schema
      assert.equal(input.type, 'object')
      assert.equal(input.additionalProperties, false)
      // Providers of models refuse them: unions at any depth, and formats that are not theirs.
      for (const union of ['anyOf', 'oneOf', 'allOf', 'format']) {
        assert.ok(!JSON.stringify(input).includes(`"${union}":`), union)
      }
      for (const [name, schema] of Object.entries(input.properties ?? {})) bounded(name, schema)
      const output = tool.outputSchema as Schema
      assert.equal(output.type, 'object')
      assert.ok(output.properties?.next_step, 'every answer says what comes next')
    })
  }
})

/** A changed definition is a change for every client: the diff of its file is there to be read. */
function pin(t: TestContext, tool: Listed): void {
  t.assert.fileSnapshot(tool, `test/snapshots/tools/${tool.name}.json`)
}

function bounded(path: string, schema: Schema): void {
  const type = schema.type
  if (type === 'string' && !('enum' in schema)) {
    assert.ok('maxLength' in schema || 'pattern' in schema, `${path} has no greatest length`)
  }
  if (type === 'integer' || type === 'number') {
    assert.ok('minimum' in schema && 'maximum' in schema, `${path} has no bounds`)
  }
  if (type === 'array') {
    assert.ok('maxItems' in schema, `${path} has no greatest count`)
    if (schema.items) bounded(`${path}[]`, schema.items)
  }
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    bounded(`${path}.${name}`, inner)
}
