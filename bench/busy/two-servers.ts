import { randomUUID } from 'node:crypto'
import { admitToolCall } from '../../src/commands/usage/tool-calls.ts'
import { composeStores } from '../../src/compose/compose-stores.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { settingsFor } from '../../test/support/database.ts'
import { faultyWire } from '../../test/support/faulty-wire.ts'
import { limits } from '../../test/support/limits.ts'
import { atOnce, type Outcome } from './scene.ts'

/** 120 calls at once of a user who has 40 left, on two servers that are 150 ms from the database. */
export async function twoServers(url: string): Promise<Outcome> {
  await using wire = await faultyWire(url)
  wire.delayMs = 75
  const databases = await Promise.all([1, 2].map(() => openDatabase(settingsFor(wire.url))))
  try {
    const servers = databases.map((database) => composeStores(database))
    return await atOnce(120, async (n) => {
      const deps = servers[n % servers.length]
      const caller = { userId: 'ada', metadata: { actor: 'agent' as const } }
      const call = { callId: randomUUID(), tool: 'list_articles', articleId: null }
      const defaults = limits({ callsPerMonth: 40 })
      if (deps) await admitToolCall(deps, caller, { ...call, defaults })
    })
  } finally {
    await Promise.all(databases.map((database) => database.close()))
  }
}
