import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pino from 'pino'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { eraseArticle } from '../../src/commands/articles/erase-article.ts'
import { extractUrls } from '../../src/commands/articles/extract-urls.ts'
import { finishOperation } from '../../src/commands/runs/finish-operation.ts'
import { startOperation } from '../../src/commands/runs/start-operation.ts'
import { admitToolCall } from '../../src/commands/usage/tool-calls.ts'
import { usageStream } from '../../src/events/usage/usage-events.ts'
import { keepHouse } from '../../src/jobs/housekeeping.ts'
import type { OperationJob } from '../../src/jobs/runs/send-operation.ts'
import { projections } from '../../src/projections/registry.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { appendTo } from '../support/append-to.ts'
import { caller, commandWorld } from '../support/command-world.ts'
import { limits } from '../support/limits.ts'

const ada = caller('ada')
const tool = 'scrape_and_clean_other_urls'

async function world() {
  const w = await commandWorld()
  const enqueued: OperationJob[] = []
  const { owner, projector } = w.database
  const drain = async () => {
    for (const projection of projections) await drainProjection(projector, projection)
  }
  const keep = async () => {
    await drain()
    const log = pino({ level: 'silent' })
    const enqueue = async (job: OperationJob) => void enqueued.push(job)
    const deps = { ...w.deps, owner, projector, log, enqueue }
    await keepHouse(deps, new AbortController().signal)
    await drain()
  }
  const admit = (callId: string, articleId: string | null = null) =>
    admitToolCall(w.deps, ada, { callId, tool, articleId, defaults: limits() })
  const usage = async () => {
    const month = w.clock.now.toISOString().slice(0, 7)
    const stream = { userId: 'ada', streamId: usageStream('ada', month) }
    return (await w.deps.store.read(stream)).map(({ type }) => type)
  }
  return { ...w, enqueued, keep, admit, usage }
}

describe('housekeeping', { concurrency: true }, () => {
  it('gives back, once, a call that a crash left open, and leaves a recent one alone', async () => {
    await using w = await world()
    w.clock.now = new Date(Date.now() - 3_600_000)
    const old = await w.admit('old')
    w.clock.now = new Date()
    const recent = await w.admit('recent')
    await w.keep()
    await w.keep()
    const { rows } = await w.database.owner.query<{ call: string; type: string }>(
      `select type, data->>'call_id' as call from nova.events
       where type like 'ToolCall%' order by global_position`,
    )
    const kept = (call: string) => rows.filter((row) => row.call === call).map(({ type }) => type)
    assert.deepEqual(kept(old.callId), ['ToolCalled', 'ToolCallSettled', 'ToolCallRefunded'])
    assert.deepEqual(kept(recent.callId), ['ToolCalled'])
  })

  it('sends the job of an operation whose process died before it could', async () => {
    await using w = await world()
    w.clock.now = new Date(Date.now() - 3_600_000)
    const guideline = Buffer.from('# A\n\nhttps://a.example/1')
    const { articleId } = await createArticle(w.deps, ada, { guideline })
    await extractUrls(w.deps, ada, { articleId })
    const call = await w.admit('call1')
    await startOperation(w.deps, ada, {
      articleId,
      tool,
      operationId: 'call1',
      month: call.month,
      weight: 1,
      operationsMax: 0,
    })
    await w.keep()
    assert.deepEqual(w.enqueued, [{ userId: 'ada', articleId, operationId: 'call1' }])
    const kept = { userId: 'ada', streamId: usageStream('ada', call.month) }
    const types = (await w.deps.store.read(kept)).map(({ type }) => type)
    assert.deepEqual(types, ['ToolCalled'], 'a running operation keeps its call open')
  })

  it('forgets idempotency keys after two days and not before', async () => {
    await using w = await world()
    const stream = { userId: 'ada', streamId: 'link-1' }
    const event = {
      type: 'LinkUsed',
      schemaVersion: 1,
      data: { link_id: '1', used_at: new Date().toISOString() },
    }
    for (const key of ['old', 'new']) {
      await appendTo(w.deps.store, stream, [event], {
        expectedVersion: 'any',
        metadata: { actor: 'user' },
        key: key,
      })
    }
    await w.database.owner.query(
      `update nova.append_requests set created_at = now() - interval '3 days'
       where idempotency_key = 'old'`,
    )
    await w.keep()
    const { rows } = await w.database.owner.query<{ key: string }>(
      'select idempotency_key as key from nova.append_requests',
    )
    assert.deepEqual(rows, [{ key: 'new' }])
  })

  it('keeps a partition ready for this month and the two after it', async () => {
    await using w = await world()
    await w.keep()
    const { rows } = await w.database.owner.query<{ name: string }>(
      `select c.relname as name from pg_inherits join pg_class c on c.oid = inhrelid
       where inhparent = 'nova.events'::regclass order by 1`,
    )
    const months = [0, 1, 2].map((ahead) => {
      const now = new Date()
      const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
      return `events_${month.toISOString().slice(0, 7).replace('-', '_')}`
    })
    assert.deepEqual(
      rows.map(({ name }) => name),
      [...months, 'events_default'],
    )
  })

  it('lets the job settle the call of an operation that ended before its worker died', async () => {
    await using w = await world()
    w.clock.now = new Date(Date.now() - 3_600_000)
    const guideline = Buffer.from('# A\n\nhttps://a.example/1')
    const { articleId } = await createArticle(w.deps, ada, { guideline })
    await extractUrls(w.deps, ada, { articleId })
    const call = await w.admit('call1', articleId)
    await startOperation(w.deps, ada, {
      articleId,
      tool,
      operationId: 'call1',
      month: call.month,
      weight: 1,
      operationsMax: 0,
    })
    await finishOperation(w.deps, ada, { articleId, operationId: 'call1' })
    await w.keep()
    assert.deepEqual(w.enqueued, [{ userId: 'ada', articleId, operationId: 'call1' }])
    assert.deepEqual(await w.usage(), ['ToolCalled'])
  })

  it('removes a body that was stored for an article after that was erased', async () => {
    await using w = await world()
    const made = await createArticle(w.deps, ada, { guideline: Buffer.from('# A') })
    await eraseArticle(w.deps, ada, made)
    await w.deps.contents.put('ada', 'a late page', 'text/markdown')
    const bodies = async () => (await w.database.owner.query('select from nova.contents')).rowCount
    await w.keep()
    assert.equal(await bodies(), 2, 'what is on its way to an event')
    await w.database.owner.query(`
      update nova.contents set put_at = put_at - interval '11 minutes';
      set session_replication_role = replica;
      update nova.events set recorded_at = recorded_at - interval '11 minutes'
        where type = 'ArticleErased';
      set session_replication_role = default`)
    await w.keep()
    assert.equal(await bodies(), 0)
  })

  it('does the rest when one thing cannot be done', async () => {
    await using w = await world()
    w.clock.now = new Date(Date.now() - 3_600_000)
    await w.admit('old')
    await w.database.owner.query('drop function nova.ensure_event_partitions(int)')
    await w.keep()
    assert.deepEqual(await w.usage(), ['ToolCalled', 'ToolCallSettled', 'ToolCallRefunded'])
  })

  it('counts an open call that has changed something, and says of no other more than it knows', async () => {
    await using w = await world()
    w.clock.now = new Date(Date.now() - 3_600_000)
    const { month } = await w.admit('worked')
    await w.admit('idle')
    const worked = {
      userId: 'ada',
      metadata: { actor: 'agent', correlation_id: 'worked' },
    } as const
    await createArticle(w.deps, worked, { guideline: Buffer.from('# A') })
    await w.keep()
    await w.keep()
    const stored = await w.deps.store.read({ userId: 'ada', streamId: usageStream('ada', month) })
    const ends = stored.slice(2).map(
      ({ type, data }) =>
        ({ ...(data as object), type }) as {
          type: string
          call_id: string
          outcome?: string
          code?: string
          reason?: string
        },
    )
    const of = (id: string) => ends.filter(({ call_id }) => call_id === id)
    assert.deepEqual(
      of('worked').map(({ type, outcome, code }) => [type, outcome, code]),
      [['ToolCallSettled', 'completed', 'SETTLED_LATE']],
    )
    assert.deepEqual(
      of('idle').map(({ type, code, reason }) => [type, code ?? reason]),
      [
        ['ToolCallSettled', 'ABANDONED'],
        ['ToolCallRefunded', 'no change by this call is on record'],
      ],
    )
  })
})
