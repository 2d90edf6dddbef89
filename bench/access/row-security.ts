import { issueApiToken } from '../../src/commands/people/issue-api-token.ts'
import { composeStores, type Stores } from '../../src/compose/compose-stores.ts'
import { usageMonth } from '../../src/events/usage/usage-events.ts'
import { listArticles } from '../../src/projections/articles/articles.ts'
import { projections } from '../../src/projections/registry.ts'
import { usageOf } from '../../src/projections/usage/usage.ts'
import { createPool } from '../../src/store/database/database-pools.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { appendTo } from '../../test/support/append-to.ts'
import { metadata, scraped } from '../store/event.ts'
import { type Contender, inTurn, type Line, timeLineOf } from '../store/measure.ts'
import type { BenchServer } from '../store/server.ts'
import { admits, appending } from './admission.ts'

const turns = 1000
const userId = 'user-1'
const read = { userId, streamId: 'article-read' }

/** Each hot path as the service runs it, and as a role that row-level security does not bind, in turn. */
export async function* rowSecurity(server: BenchServer): AsyncGenerator<Line> {
  await using made = await server.createNova('row_security', 16)
  const { database } = made
  const free = createPool(made.endpoint, { name: 'bench', max: 4, timeouts: {} })
  try {
    const bound = composeStores(database)
    const caller = { userId, metadata }
    const wanted = { name: 'bench', scopes: ['nova:read'] as const, expiresAt: null }
    const { tokenId } = await issueApiToken(bound, caller, wanted)
    const hundred = Array.from({ length: 100 }, () => scraped)
    await appendTo(bound.store, read, hundred, { expectedVersion: 'any', metadata })
    for (const projection of projections) await drainProjection(database.projector, projection)
    const with_ = paths(bound, tokenId, 'on')
    const without = paths(composeStores({ app: free, projector: free }), tokenId, 'off')
    for (const [name, lane] of Object.entries(with_)) {
      const measured = await inTurn(
        [
          { name: 'off', size: 1, lane: without[name] ?? lane },
          { name: 'on', size: 1, lane },
        ],
        { turns },
      )
      const [off, on] = [measured.get('off'), measured.get('on')]
      if (!off || !on) continue
      yield timeLineOf(`row-level security, ${name}`, 'off', '1/s', off)
      yield timeLineOf(`row-level security, ${name}`, 'on', '1/s', on, { name: 'off', ...off })
    }
  } finally {
    await free.end()
  }
}

const paths = (deps: Stores, tokenId: string, kind: string): Record<string, Contender['lane']> => ({
  'append of one event': appending(deps, `append-${kind}`).lane,
  admission: () => admits(deps, `admit-${kind}`),
  'read of a stream of 100': () => () => deps.store.read(read),
  'an API token': () => () => deps.apiTokens.find(tokenId),
  'usage of a month': () => () => usageOf(deps.reader, userId, usageMonth(new Date())),
  'list of articles': () => () => listArticles(deps.reader, userId, { limit: 20 }),
})
