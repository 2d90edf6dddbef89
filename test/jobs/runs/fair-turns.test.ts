import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { mcpWorld } from '../../support/mcp-world.ts'
import { startSite } from '../../support/site.ts'
import { until } from '../../support/until.ts'

const page = `<!doctype html><title>A</title><article><h1>A</h1><p>${'Words about ledgers. '.repeat(60)}</p></article>`

/** A server of four slots, two for each user, and a site whose pages wait to be released, user by user. */
async function world() {
  const closing = new AsyncDisposableStack()
  const held: Record<string, ServerResponse[]> = {}
  const answer = (user: string) => (_request: unknown, response: ServerResponse) => {
    held[user] = [...(held[user] ?? []), response]
  }
  const users = ['ada', 'ben', 'cleo']
  const pages = users.flatMap((user) =>
    Array.from({ length: 6 }, (_, n) => [`/${user}/${n}`, answer(user)] as const),
  )
  const site = closing.use(await startSite(Object.fromEntries(pages)))
  const nova = closing.use(
    await mcpWorld({
      environment: {
        NOVA_OPERATION_SLOTS: '4',
        NOVA_SLOTS_PER_USER: '2',
        NOVA_FETCH_PER_HOST: '16',
        // A page that the test holds must not be given up before.
        NOVA_FETCH_TIMEOUT: '300',
        NOVA_FETCH_ALLOW: `pages.example:80=127.0.0.1:${site.port}`,
      },
    }),
  )
  const start = async (user: string, operations: number) => {
    const { ok } = await nova.connect('auto', user)
    for (let n = 0; n < operations; n++) {
      const guideline = `# Of ${user}\n\nhttp://pages.example/${user}/${n}\n`
      const { article_id } = await ok('create_article', { guideline })
      await ok('extract_guidelines_urls', { article_id })
      await ok('scrape_and_clean_other_urls', { article_id, wait_seconds: 0 })
    }
  }
  const asked = (user: string) => held[user]?.length ?? 0
  return {
    start,
    asked,
    release: (user: string) => held[user]?.find((response) => !response.writableEnded)?.end(page),
    ended: async () => {
      const { rows } = await nova.nova.database.owner.query<{ user_id: string }>(
        `select user_id from nova.events where type = 'OperationFinished' order by global_position`,
      )
      return rows.map(({ user_id }) => user_id)
    },
    async [Symbol.asyncDispose]() {
      for (const responses of Object.values(held)) for (const response of responses) response.end()
      await closing.disposeAsync()
    },
  }
}

describe('operations of several users', { concurrency: true }, () => {
  it('leave a slot for who comes later: a flood holds no more than its share', async () => {
    await using w = await world()
    await w.start('ada', 6)
    await until(() => w.asked('ada') === 2, "both of Ada's items to be asked for")
    await w.start('ben', 1)
    await until(() => w.asked('ben') === 1, "Ben's item to be asked for")
    w.release('ben')
    await until(async () => (await w.ended()).includes('ben'), "the end of Ben's operation")
    assert.deepEqual(await w.ended(), ['ben'])
    assert.equal(w.asked('ada'), 2)
  })

  it('take turns when all slots are held: the next free one is for who waits with the fewest', async () => {
    await using w = await world()
    await Promise.all([w.start('ada', 4), w.start('ben', 4)])
    await until(
      () => w.asked('ada') === 2 && w.asked('ben') === 2,
      'two items of Ada and two of Ben to be asked for',
    )
    await w.start('cleo', 1)
    w.release('ada')
    await until(() => w.asked('cleo') === 1, "Cleo's item to be asked for")
    assert.deepEqual([w.asked('ada'), w.asked('ben')], [2, 2])
  })
})
