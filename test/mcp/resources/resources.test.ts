import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { tools } from '../../../src/mcp/tools/tools.ts'
import { type Connected, clientKinds } from '../../support/mcp-clients.ts'
import { mcpWorld } from '../../support/mcp-world.ts'

const guideline = '# Ledgers\n\nSee http://pages.example/one'

async function textOf({ client }: Pick<Connected, 'client'>, uri: string): Promise<string> {
  const { contents } = await client.readResource({ uri })
  const [content] = contents
  return content && 'text' in content ? String(content.text) : ''
}

describe('resources', () => {
  it('give the caller’s own things to clients of every revision', async () => {
    await using world = await mcpWorld()
    for (const kind of clientKinds) {
      const connected = await world.connect(kind, `user of ${kind}`)
      const { ok, client } = connected
      const { article_id } = await ok('create_article', { guideline })
      await ok('extract_guidelines_urls', { article_id })
      const { resources } = await client.listResources()
      assert.deepEqual(
        resources.map(({ uri }) => uri),
        ['nova://articles/recent', 'nova://files/recent', 'nova://status'],
      )
      const { resourceTemplates } = await client.listResourceTemplates()
      assert.equal(resourceTemplates.length, 4)
      assert.match(await textOf(connected, 'nova://articles/recent'), /Ledgers/)
      assert.deepEqual(JSON.parse(await textOf(connected, 'nova://files/recent')), { files: [] })
      assert.equal(await textOf(connected, `nova://articles/${article_id}/guideline.md`), guideline)
      assert.match(
        await textOf(connected, `nova://articles/${article_id}/sources`),
        /pages\.example/,
      )
      const { completion } = await client.complete({
        ref: { type: 'ref/resource', uri: 'nova://articles/{id}/sources' },
        argument: { name: 'id', value: String(article_id).slice(0, 4) },
      })
      assert.deepEqual(completion.values, [article_id])
    }
  })

  it('say how the service is, and nothing of its settings', async () => {
    await using world = await mcpWorld()
    const status = JSON.parse(await textOf(await world.connect('auto'), 'nova://status'))
    assert.equal(status.ok, true)
    assert.equal(status.search, 'searxng')
    for (const check of status.checks) assert.deepEqual(Object.keys(check), ['name', 'ok'])
  })

  it('are not found alike when malformed, unknown or somebody else’s', async () => {
    await using world = await mcpWorld()
    const ada = await world.connect('2026-07-28', 'ada')
    const { article_id } = await ada.ok('create_article', { guideline })
    for (const kind of clientKinds) {
      const bob = await world.connect(kind, 'bob')
      const errors = []
      for (const id of [String(article_id), randomUUID(), 'nonsense']) {
        const uri = `nova://articles/${id}/guideline.md`
        const error = await bob.client.readResource({ uri }).then(
          () => assert.fail('it was given'),
          (refused: Error & { code?: number }) => refused,
        )
        errors.push(`${error.code} ${error.message.replaceAll(uri, 'URI')}`)
      }
      assert.equal(new Set(errors).size, 1, errors.join('\n'))
      assert.match(errors[0] ?? '', /Resource not found/)
    }
  })

  it('say what to do first when there is nothing yet', async () => {
    await using world = await mcpWorld()
    const { ok, client } = await world.connect('auto')
    const { article_id } = await ok('create_article', { guideline })
    const uri = `nova://articles/${article_id}/research.md`
    await assert.rejects(client.readResource({ uri }), /create_research_file/)
  })
})

describe('the prompt', () => {
  it('names every tool of the workflow, the rounds, and when to stop and ask', async () => {
    await using world = await mcpWorld()
    for (const kind of clientKinds) {
      const { client, instructions } = await world.connect(kind)
      const { prompts } = await client.listPrompts()
      assert.deepEqual(
        prompts.map(({ name }) => name),
        ['full_research_instructions'],
      )
      const { messages } = await client.getPrompt({ name: 'full_research_instructions' })
      const text = JSON.stringify(messages)
      const aside = [
        'list_articles',
        'archive_article',
        'read_research',
        'cancel_operation',
        'account_usage',
      ]
      for (const { name, scope } of tools) {
        if (aside.includes(name) || scope === 'nova:admin') continue
        assert.match(text, new RegExp(name))
      }
      assert.match(text, /3 rounds/)
      assert.match(text, /0 succeeded, stop\. Quote the failures/)
      assert.match(String(instructions), /BEGIN UNTRUSTED/)
    }
  })
})
