import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { revokeApiToken } from '../../../src/commands/people/revoke-api-token.ts'
import { settleToolCall } from '../../../src/commands/usage/tool-calls.ts'
import {
  ArticleCreated,
  articleStream,
  OperationStarted,
} from '../../../src/events/articles/article-events.ts'
import { ApiTokenIssued, tokenStream } from '../../../src/events/people/token-events.ts'
import { archiveMonth, attachMonth } from '../../support/archived-month.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { appendOldArticle } from '../../support/old-articles.ts'
import { appendAt, appendOldUsage } from '../../support/old-usage.ts'
import { until } from '../../support/until.ts'
import { holdLock, waitingStatements } from '../../support/waiting-statements.ts'

const ada = caller('ada')
const month = '2025-11'
const at = `${month}-08T10:00:00.000Z`

/** An article of which a whole month can leave. */
async function world(...months: string[]) {
  const w = await commandWorld()
  return { ...w, old: await appendOldArticle(w, 'ada', [month, ...months]) }
}

describe('a month that leaves', { concurrency: true }, () => {
  it('keeps the bodies that only its events name, also when an article of the same text is erased', async () => {
    await using w = await world()
    const lines = await archiveMonth(w.database, month)
    const text = `File of ${month}`
    const twin = await createArticle(w.deps, ada, { guideline: Buffer.from(text) })
    await w.database.owner.query(`update nova.contents set put_at = now() - interval '1 hour'`)
    assert.equal((await eraseArticle(w.deps, ada, twin)).contents, 0)
    await attachMonth(w.database, lines)
    const { article } = await loadArticle(w.deps.store, 'ada', w.old.articleId)
    const [source] = article.sources.values()
    assert.equal(await w.deps.contents.text('ada', source?.markdown?.sha256 ?? ''), text)
  })

  it('leaves API tokens behind, which can be revoked', async () => {
    await using w = await world()
    const tokenId = '0123456789abcdef'
    const token = { token_id: tokenId, name: 'nightly', scopes: ['nova:read' as const] }
    const issued = ApiTokenIssued({
      ...token,
      secret_sha256: 'ab'.repeat(32),
      issued_at: at,
      expires_at: null,
    })
    await appendAt(w.database, 'ada', tokenStream(tokenId), issued.type, at, issued.data)
    await archiveMonth(w.database, month)
    const tokens = w.deps.apiTokens
    assert.equal((await tokens.find(tokenId))?.revoked, false)
    await revokeApiToken(w.deps, ada, { tokenId })
    assert.equal((await tokens.find(tokenId))?.revoked, true)
  })

  it('takes calls along that stay settled', async () => {
    await using w = await world()
    await appendOldUsage(w.database, 'ada', [month])
    await archiveMonth(w.database, month)
    const count = async () => (await w.database.projector.query('select from nova.events')).rowCount
    const left = await count()
    const call = { callId: `${month}-ada-1`, tool: 'get_article', month, weight: 1 }
    await settleToolCall(w.deps, ada, call, {
      outcome: 'failed',
      code: 'ABANDONED',
      itemsOk: 0,
      itemsFailed: 0,
      durationMs: 0,
      costUsd: null,
      refund: 'nothing was done',
    })
    assert.equal(await count(), left)
  })

  it('leaves an article behind on which an operation is running', async () => {
    await using w = await world()
    const articleId = randomUUID()
    const guideline = await w.deps.contents.put('ada', '# Running', 'text/markdown')
    const events = [
      ArticleCreated({ article_id: articleId, title: 'Running', guideline, created_at: at }),
      OperationStarted({
        operation_id: 'op1',
        tool: 'scrape_and_clean_other_urls',
        items: [1],
        usage_month: month,
        usage_weight: 1,
        started_at: at,
      }),
    ]
    for (const { type, data } of events)
      await appendAt(w.database, 'ada', articleStream(articleId), type, at, data)
    await archiveMonth(w.database, month)
    const { article } = await loadArticle(w.deps.store, 'ada', articleId)
    assert.equal(article.operations.get('op1')?.status, 'running')
  })

  it('is whole for one who begins to read while it comes back', async () => {
    await using w = await world('2025-12')
    const { owner } = w.database
    const whole = await w.deps.store.read(w.old.stream)
    const lines = await archiveMonth(w.database, month)
    // The month is in its place and off the register of archives, and not committed yet.
    await owner.query(`
      create function nova.gate() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock_shared(7, 7); return null; end $$;
      create constraint trigger gate after delete on nova.event_archives
        deferrable initially deferred for each row execute function nova.gate()`)
    await using gate = await holdLock(w.url, 'select pg_advisory_xact_lock(7, 7)')
    const attaching = attachMonth(w.database, lines)
    await until(async () => (await waitingStatements(owner)) === 1, 'the month to be in its place')
    const reading = w.deps.store.read(w.old.stream)
    await until(async () => (await waitingStatements(owner)) === 2, 'the reader to wait')
    await gate.open()
    assert.deepEqual(await reading, whole)
    await attaching
  })

  it('leaves a stream whole that stayed in an earlier month', async () => {
    const later = '2025-12'
    await using w = await world(later)
    const leaves = await appendOldArticle(w, 'ada', [later])
    const whole = await w.deps.store.read(w.old.stream)
    await archiveMonth(w.database, later)
    const left = await w.database.projector.query('select from nova.events where stream_id = $1', [
      leaves.stream.streamId,
    ])
    assert.equal(left.rowCount, 0, 'the article of the later month alone has left')
    assert.deepEqual(await w.deps.store.read(w.old.stream), whole)
  })

  it('waits for an erasure in its month, and brings nothing back that was erased', async () => {
    await using w = await world()
    const { owner, projector } = w.database
    const stays = await appendOldArticle(w, 'eve', [month, '2026-01'])
    await using erasure = await holdLock(
      w.url,
      `set local role nova_keeper; update nova.events
         set data = nova.erased_data(type, data), erased_at = now() where user_id = 'eve'`,
    )
    const archiving = archiveMonth(w.database, month)
    await until(async () => (await waitingStatements(owner)) === 1, 'the month to wait')
    await erasure.open()
    await archiving
    const { rows } = await projector.query<{ erased: boolean }>(
      'select erased_at is not null as erased from nova.events where stream_id = $1',
      [stays.stream.streamId],
    )
    assert.deepEqual(
      rows.map(({ erased }) => erased),
      [true, true, true, true],
    )
  })

  it('keeps no body of another user', async () => {
    await using w = await world()
    await archiveMonth(w.database, month)
    const eve = caller('eve')
    const guideline = Buffer.from(`File of ${month}`)
    const twin = await createArticle(w.deps, eve, { guideline })
    await w.database.owner.query(`update nova.contents set put_at = now() - interval '1 hour'`)
    assert.equal((await eraseArticle(w.deps, eve, twin)).contents, 1)
  })
})
