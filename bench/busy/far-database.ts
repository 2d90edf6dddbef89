import { randomUUID } from 'node:crypto'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { admitToolCall } from '../../src/commands/usage/tool-calls.ts'
import { composeStores } from '../../src/compose/compose-stores.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { settingsFor } from '../../test/support/database.ts'
import { faultyWire } from '../../test/support/faulty-wire.ts'
import { limits } from '../../test/support/limits.ts'
import { atOnce, type Outcome } from './scene.ts'

/** Fifty users who create an article at once, when a round trip to the database takes 150 ms more. */
export async function farDatabase(url: string): Promise<Outcome> {
  await using wire = await faultyWire(url)
  wire.delayMs = 75
  const database = await openDatabase(settingsFor(wire.url))
  try {
    const deps = {
      ...composeStores(database),
      readNotebook: () => Promise.reject(new Error('unused')),
    }
    return await atOnce(50, async (n) => {
      const caller = { userId: `user-${n}`, metadata: { actor: 'agent' as const } }
      const call = { callId: randomUUID(), tool: 'create_article', articleId: null }
      await admitToolCall(deps, caller, { ...call, defaults: limits() })
      await createArticle(deps, caller, { guideline: Buffer.from(`# Article ${n}\n`) })
    })
  } finally {
    await database.close()
  }
}
