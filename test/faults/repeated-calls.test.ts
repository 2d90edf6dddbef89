import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { usageMonth, usageStream } from '../../src/events/usage/usage-events.ts'
import { mcpWorld } from '../support/mcp-world.ts'
import { until } from '../support/until.ts'
import { type WiredDatabase, wiredDatabase } from '../support/wired-database.ts'

const guideline = '# Ants\n\nhttp://pages.example/held'

async function world() {
  const closing = new AsyncDisposableStack()
  const db = closing.use(await wiredDatabase())
  const held: ServerResponse[] = []
  const { connect, nova } = closing.use(
    await mcpWorld({
      environment: { DATABASE_URL: db.url },
      routes: { '/held': (_request, response) => void held.push(response) },
    }),
  )
  closing.defer(() => {
    db.wire.decide = () => 'pass'
    for (const response of held) response.end()
  })
  const { enqueue } = nova.services.operations
  return {
    db,
    enqueue,
    ...(await connect('auto')),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

/** The next append is done, its answer lost, and the database away until the caller was answered. */
async function losingTheAnswer<T>({ wire }: WiredDatabase, call: () => Promise<T>): Promise<T> {
  let isAway = false
  wire.decide = (request) => {
    if (isAway) return 'unsent'
    isAway = request.includes('nova_append') && !request.includes('call_open')
    return isAway ? 'unanswered' : 'pass'
  }
  try {
    return await call()
  } finally {
    wire.decide = () => 'pass'
  }
}

async function usageOf({ direct }: WiredDatabase) {
  const { rows } = await direct.owner.query<{ type: string; code: string | null; call: string }>(
    `select type, data->>'code' as code, data->>'call_id' as call from nova.events
     where stream_id = $1 order by stream_version`,
    [usageStream('ada', usageMonth(new Date()))],
  )
  const calls = rows.filter(({ type }) => type === 'ToolCalled').map(({ call }) => call)
  return calls.map((id) => rows.filter(({ call }) => call === id).slice(1))
}

const counted = async ({ direct }: WiredDatabase, type: string) =>
  (await direct.owner.query('select from nova.events where type = $1', [type])).rowCount

describe('a call whose answer was lost, and the same call again', { concurrency: 3 }, () => {
  const repeated: Readonly<
    Record<string, { args: object; event: string; same: (answer: Record<string, unknown>) => void }>
  > = {
    create_article: {
      args: { guideline },
      event: 'ArticleCreated',
      same: ({ created }) => assert.equal(created, false),
    },
    generate_next_queries: {
      args: { count: 2 },
      event: 'QueriesGenerated',
      same: ({ round, queries }) => assert.deepEqual([round, Object(queries).length], [1, 2]),
    },
    scrape_and_clean_other_urls: {
      args: { wait_seconds: 0 },
      event: 'OperationStarted',
      same: ({ status, operation_id }) => {
        assert.equal(status, 'running')
        assert.match(String(operation_id), /^[0-9a-f-]{36}$/)
      },
    },
  }
  for (const [tool, { args, event, same }] of Object.entries(repeated)) {
    it(`${tool}: is told that nobody knows, done once, counted once, and answered as the first`, async () => {
      await using w = await world()
      const of: Record<string, unknown> = {}
      if (tool !== 'create_article') {
        of.article_id = (await w.ok('create_article', { guideline })).article_id
        await w.ok('extract_guidelines_urls', of)
      }
      const { refusal } = await losingTheAnswer(w.db, () => w.call(tool, { ...of, ...args }))
      assert.equal(refusal.code, 'DATABASE_UNAVAILABLE')
      assert.ok(refusal.retryable)
      assert.match(refusal.message, /not known/)
      assert.doesNotMatch(JSON.stringify(refusal), /nothing was changed/i)
      same(await w.ok(tool, { ...of, ...args }))
      assert.equal(await counted(w.db, event), 1)
      // The first counts, by itself or by its job; the second is given back.
      const settled = async () => (await usageOf(w.db)).slice(tool === 'create_article' ? 0 : 2)
      const isByJob = event === 'OperationStarted'
      await until(
        async () => (await settled()).every((events, n) => (n === 0 && isByJob) || events[0]),
        'both calls to be settled',
      )
      const [first = [], second = []] = await settled()
      const types = (events: typeof first) => events.map(({ type }) => type)
      assert.deepEqual(types(first), isByJob ? [] : ['ToolCallSettled'])
      assert.equal(first[0]?.code ?? 'ANSWER_LOST', 'ANSWER_LOST')
      assert.deepEqual(types(second), ['ToolCallSettled', 'ToolCallRefunded'])
    })
  }

  it('create_article at another server: its article_id, as told, finds the article', async () => {
    await using w = await world()
    const lost = await losingTheAnswer(w.db, () => w.call('create_article', { guideline }))
    const { article_id } = Object(lost.refusal.details)
    assert.match(lost.refusal.hint, new RegExp(article_id))
    const args = { guideline, article_id }
    await using other = await mcpWorld({ environment: { DATABASE_URL: w.db.url }, role: 'web' })
    const { ok } = await other.connect('auto')
    assert.equal((await ok('create_article', args)).created, false)
    assert.equal(await counted(w.db, 'ArticleCreated'), 1)
  })

  it('settling fails while the database is away: it is done when it is back, 0 calls stay open', async () => {
    await using w = await world()
    let isAway = false
    w.db.wire.decide = (request) => {
      isAway ||= request.includes('call_open')
      return isAway ? 'unsent' : 'pass'
    }
    const { article_id } = await w.ok('create_article', { guideline })
    assert.ok(isAway && article_id)
    assert.deepEqual(await usageOf(w.db), [[]])
    w.db.wire.decide = () => 'pass'
    await until(
      async () => (await usageOf(w.db))[0]?.[0]?.type === 'ToolCallSettled',
      'the call to be settled',
    )
    assert.equal((await usageOf(w.db))[0]?.length, 1, 'it counts')
  })

  it('a queue whose connection breaks while a call joins: the operation is answered, and nothing is INTERNAL', async () => {
    await using w = await world()
    const { article_id } = await w.ok('create_article', { guideline })
    await w.ok('extract_guidelines_urls', { article_id })
    const tool = 'scrape_and_clean_other_urls'
    const { operation_id } = await w.ok(tool, { article_id, wait_seconds: 0 })
    let cuts = 0
    w.db.wire.decide = (request) => {
      const isCut = request.includes('nova turns')
      cuts += Number(isCut)
      return isCut ? 'unsent' : 'pass'
    }
    const joined = await w.ok(tool, { article_id, wait_seconds: 0 })
    assert.deepEqual([joined.operation_id, joined.status], [operation_id, 'running'])
    assert.ok(cuts > 0, 'the queue was asked')
    const job = { userId: 'ada', articleId: String(article_id), operationId: String(operation_id) }
    await assert.rejects(w.enqueue(job), { code: 'DATABASE_UNAVAILABLE' })
  })
})
