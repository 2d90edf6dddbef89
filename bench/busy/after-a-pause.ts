import { setTimeout as delay } from 'node:timers/promises'
import { openDatabase } from '../../src/store/database/database.ts'
import { createTenantReader } from '../../src/store/database/tenant.ts'
import { settingsFor } from '../../test/support/database.ts'
import { faultyWire } from '../../test/support/faulty-wire.ts'
import { atOnce, type Outcome } from './scene.ts'

/** Twelve requests after a pause, when a dial takes 900 ms. */
export async function afterAPause(url: string, pauseMs = 35_000): Promise<Outcome> {
  await using wire = await faultyWire(url)
  const database = await openDatabase(settingsFor(wire.url))
  try {
    const reader = createTenantReader(database.app)
    const ask = (n: number) => reader.query(`user-${n}`, 'select from nova.articles', [])
    await atOnce(12, ask)
    wire.dialMs = 900
    await delay(pauseMs)
    return await atOnce(12, ask)
  } finally {
    await database.close()
  }
}
