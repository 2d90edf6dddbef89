import { freshDatabase } from '../test/support/database.ts'
import { afterAPause } from './busy/after-a-pause.ts'
import { farDatabase } from './busy/far-database.ts'
import { whileTextsAreRead } from './busy/hostile-texts.ts'
import type { Outcome } from './busy/scene.ts'
import { twoServers } from './busy/two-servers.ts'

const scenes: Record<string, (url: string) => Promise<Outcome>> = {
  'after-a-pause': (url) => afterAPause(url),
  'far-database': farDatabase,
  'two-servers': twoServers,
}

/** What a busy server refuses, and how long it is silent; all scenes or the one that is named. */
export async function* busy(part?: string): AsyncGenerator<object> {
  for (const [scene, run] of Object.entries(scenes)) {
    if (part !== undefined && part !== scene) continue
    await using db = await freshDatabase()
    const { longestMs, ...counts } = await run(db.url)
    yield { scene, ...counts, longest_ms: Math.round(longestMs) }
  }
  if (part === undefined || part === 'hostile-texts') {
    await using db = await freshDatabase()
    for await (const line of whileTextsAreRead(db.url)) yield { scene: 'hostile-texts', ...line }
  }
}
