import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clientKinds } from '../../support/mcp-clients.ts'
import { mcpWorld } from '../../support/mcp-world.ts'

describe('callers at the same time', () => {
  it('never get each other’s answers, whatever their client', async () => {
    await using world = await mcpWorld()
    const users = ['ada', 'bob', 'eve', 'joe', 'kim', 'lin']
    const clients = await Promise.all(
      users.map(async (user, i) => ({
        user,
        ...(await world.connect(clientKinds[i % 3] ?? 'auto', user)),
      })),
    )
    await Promise.all(
      clients.map(({ user, ok }) => ok('create_article', { guideline: `# Of ${user}` })),
    )
    await Promise.all(
      clients.flatMap(({ user, ok, client }) =>
        Array.from({ length: 5 }, async () => {
          const listed = await ok('list_articles')
          const titles = (listed.articles as { title: string }[]).map(({ title }) => title)
          assert.deepEqual(titles, [`Of ${user}`])
          const { contents } = await client.readResource({ uri: 'nova://articles/recent' })
          assert.match(JSON.stringify(contents), new RegExp(`Of ${user}`))
        }),
      ),
    )
  })

  it('are recorded with their client and protocol revision', async () => {
    await using world = await mcpWorld()
    const ids = new Map<string, string>()
    for (const kind of clientKinds) {
      const { ok } = await world.connect(kind)
      const { article_id } = await ok('create_article', { guideline: `# With ${kind}` })
      ids.set(kind, String(article_id))
    }
    for (const [kind, id] of ids) {
      const [event] = await world.nova.services.store.read({
        userId: 'ada',
        streamId: `article-${id}`,
      })
      assert.equal(event?.metadata.actor, 'agent')
      assert.equal(event?.metadata.protocol, kind === '2025' ? '2025-11-25' : '2026-07-28')
      // A stateless server hears the client's name only when it comes with every request.
      assert.equal(event?.metadata.client, kind === '2025' ? undefined : 'nova-test 2')
      assert.ok(event?.metadata.correlation_id)
    }
  })
})
