import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openDatabase } from '../../src/store/database/database.ts'
import { migrate } from '../../src/store/database/migrate.ts'
import { type Child, startChild } from '../support/child-process.ts'
import { settingsFor } from '../support/database.ts'
import { type Acknowledged, assertInvariants } from '../support/invariants.ts'
import { ownCluster } from '../support/own-cluster.ts'

const program = new URL('./run-writer.ts', import.meta.url)
const writers = ['ada', 'ben', 'cleo']

describe('PostgreSQL killed with -9 under load', () => {
  it('three times: 0 acknowledged events are lost, and every writer goes on where it was', async () => {
    await using cluster = await ownCluster()
    await using resources = new AsyncDisposableStack()
    const first = await openDatabase(settingsFor(cluster.url()))
    await migrate(first)
    const { rows } = await first.owner.query(
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit') order by 1`,
    )
    assert.deepEqual(
      rows.map(({ setting }) => setting),
      ['on', 'on'],
    )
    await first.close()

    const acknowledged = new Map(writers.map((writer) => [writer, [] as Acknowledged[]]))
    const total = () => [...acknowledged.values()].flat().length
    for (let round = 1; round <= 3; round++) {
      const children = writers.map((writer) => {
        const from = acknowledged.get(writer)?.length ?? 0
        return resources.use(startChild(program, cluster.url(), writer, String(from)))
      })
      const enough = Promise.withResolvers<void>()
      const listening = children.map((child, n) =>
        listen(child, (answer) => {
          acknowledged.get(writers[n] ?? '')?.push(answer)
          if (total() >= round * 300) enough.resolve()
        }),
      )
      await enough.promise
      await cluster.kill()
      await Promise.all(listening)
      await cluster.start()
    }
    const database = await openDatabase(settingsFor(cluster.url()))
    resources.defer(() => database.close())
    assert.ok(total() >= 900)
    await assertInvariants(database, [...acknowledged.values()].flat())
  })
})

/** Hears a writer until it ends, as it does when its database is gone. */
async function listen(child: Child, heard: (answer: Acknowledged) => void): Promise<void> {
  try {
    for (;;) heard(await child.answer<Acknowledged>())
  } catch (error) {
    assert.match(String(error), /ended without an answer/)
    assert.match(String(error), /DATABASE_UNAVAILABLE/)
  }
}
