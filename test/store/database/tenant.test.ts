import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { issueApiToken } from '../../../src/commands/people/issue-api-token.ts'
import { admitToolCall, settleToolCall } from '../../../src/commands/usage/tool-calls.ts'
import { ArticleArchived, OperationStarted } from '../../../src/events/articles/article-events.ts'
import { apiTokensProjection } from '../../../src/projections/people/api-tokens.ts'
import { createPool } from '../../../src/store/database/database-pools.ts'
import { asTenant } from '../../../src/store/database/tenant.ts'
import { PostgresEventStore } from '../../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../../src/store/events/stream-signal.ts'
import { createApiTokens } from '../../../src/store/people/api-tokens.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { createAdmission } from '../../../src/store/usage/admission.ts'
import { appendTo } from '../../support/append-to.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { limits } from '../../support/limits.ts'

const stream = { userId: 'ada', streamId: 'article-1' }
const archived = ArticleArchived({ archived_at: '2026-01-01T00:00:00.000Z' })
const started = OperationStarted({
  operation_id: 'op1',
  tool: 'scrape_and_clean_other_urls',
  items: [1],
  usage_month: '2026-01',
  usage_weight: 1,
  started_at: '2026-01-01T00:00:00.000Z',
})

describe('a connection', () => {
  it('does not remember for whom it worked last', async () => {
    await using w = await commandWorld()
    const pool = createPool(
      { connectionString: w.url },
      { name: 'nova-test', max: 1, role: 'nova_app', timeouts: {} },
    )
    const signal = new StreamSignal()
    const store = new PostgresEventStore({ app: pool, projector: w.database.projector }, signal)
    const deps = { ...w.deps, store, admission: createAdmission(pool, signal) }
    const options = { expectedVersion: 'any' as const, metadata: { actor: 'user' as const } }
    const two = ['article-1', 'link-1'].map(
      (streamId) => ({ streamId, events: [archived], expectedVersion: 'any' }) as const,
    )
    const named = { name: 'nightly', scopes: ['nova:read' as const], expiresAt: null }
    const { tokenId } = await issueApiToken(w.deps, caller('ada'), named)
    await drainProjection(w.database.projector, apiTokensProjection)
    const tokens = createApiTokens(pool)
    const call = { callId: 'c', tool: 'get_article', articleId: null, defaults: limits() }
    const uses: Record<string, () => Promise<unknown>> = {
      'a read of a table': () => asTenant(pool, 'ada', 'select from nova.streams', []),
      'a read of a stream': () => store.read(stream),
      'an append of one event': () => appendTo(store, stream, [archived], options),
      'an append of two': () => appendTo(store, stream, [archived, archived], options),
      'appends in company': () =>
        Promise.all(
          ['ada', 'eve'].map((userId) =>
            appendTo(store, { ...stream, userId }, [archived], options),
          ),
        ),
      'an append to two streams': () => store.append('ada', two, options),
      'the start of an operation': () =>
        appendTo(store, stream, [started], {
          ...options,
          guard: { name: 'operations_max', args: { max: 9 } },
        }),
      'an admitted call': () => admitToolCall(deps, caller('ada'), call),
      'a settled call': () =>
        settleToolCall(
          deps,
          caller('ada'),
          { callId: 'c', tool: 'get_article', month: '2026-05', weight: 1 },
          {
            outcome: 'completed',
            code: null,
            itemsOk: 1,
            itemsFailed: 0,
            durationMs: 5,
            costUsd: null,
            refund: 'nothing to do',
          },
        ),
      'a look at an API token': () => tokens.find(tokenId),
      'a use of an API token': () => tokens.used('ada', tokenId),
    }
    try {
      for (const [what, use] of Object.entries(uses)) {
        await use()
        const { rows } = await pool.query(
          `select nullif(current_setting('app.user_id', true), '') as user,
             nullif(current_setting('app.token_id', true), '') as token`,
        )
        assert.deepEqual(rows, [{ user: null, token: null }], `after ${what}`)
      }
    } finally {
      await pool.end()
    }
  })
})
