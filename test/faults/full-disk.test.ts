import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type pg from 'pg'
import { Refusal } from '../../src/errors.ts'
import { LinkUsed } from '../../src/events/links/link-events.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { migrate } from '../../src/store/database/migrate.ts'
import { createReadiness } from '../../src/store/database/readiness.ts'
import { PostgresEventStore } from '../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/events/stream-signal.ts'
import { createProjectionGate } from '../../src/store/projections/projection-status.ts'
import { appendTo } from '../support/append-to.ts'
import { freshDatabase, settingsFor } from '../support/database.ts'
import { type Acknowledged, assertInvariants } from '../support/invariants.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { linkCommand } from './link-command.ts'

const promise = 'appends are refused, reads go on, and with space again all goes on, nothing lost'
const disk = smallDisk()

describe('a full disk', () => {
  it(
    disk
      ? `of its own, filled to the last byte: ${promise}`
      : `(said by the server, since this machine lets nobody mount one): ${promise}`,
    async () => {
      await using world = disk ? await onSmallDisk(disk) : await onPretence()
      const database = await openDatabase(settingsFor(world.url))
      const store = new PostgresEventStore(database, new StreamSignal())
      const acknowledged: Acknowledged[] = []
      let n = 0
      const append = async () => {
        const { stream, events, options, mark } = linkCommand('ada', n)
        const { version, position } = await appendTo(store, stream, events.map(LinkUsed), options)
        acknowledged.push({ mark, version, position })
        n++
      }
      for (let before = 0; before < 10; before++) await append()
      await world.fill(database.owner)
      await assert.rejects(
        async () => {
          for (;;) await append()
        },
        (error) => error instanceof Refusal && error.code === 'DATABASE_UNAVAILABLE',
      )
      const clock = { aheadMs: 0 }
      const ready = createReadiness({
        database,
        projections: createProjectionGate(database.app, () => {}),
        now: () => performance.now() + clock.aheadMs,
      })
      const diskCheck = async () => (await ready()).checks.find(({ name }) => name === 'disk')
      assert.match((await diskCheck())?.detail ?? '', /disk of the database is full/)
      assert.deepEqual([(await ready()).ok, (await ready()).degraded], [true, true])
      const { stream } = linkCommand('ada', 0)
      assert.ok((await store.read(stream)).length > 0)
      await world.free(database.owner)
      for (let after = 0; after < 10; after++) await append()
      clock.aheadMs = 61_000
      assert.deepEqual(await diskCheck(), { name: 'disk', ok: true, detail: 'has room' })
      await assertInvariants(database, acknowledged)
      await database.close()
    },
  )
})

/** A file system of 200 MB in memory; null where that is not allowed. */
function smallDisk(): string | null {
  const path = mkdtempSync(join(tmpdir(), 'nova-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m,mode=755', 'tmpfs', path], {
      stdio: 'ignore',
    })
    return path
  } catch {
    rmdirSync(path)
    return null
  }
}

async function onSmallDisk(path: string) {
  const cluster = await ownCluster({}, path)
  const url = cluster.url()
  const database = await openDatabase(settingsFor(url))
  await migrate(database)
  await database.close()
  const ballast = join(path, 'ballast')
  return {
    url,
    async fill() {
      const { bavail, bsize } = statfsSync(path)
      writeFileSync(ballast, Buffer.alloc(bavail * bsize))
    },
    async free() {
      rmSync(ballast)
    },
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]()
      execFileSync('umount', [path])
      rmdirSync(path)
    },
  }
}

async function onPretence() {
  const db = await freshDatabase()
  return {
    url: db.url,
    async fill(owner: pg.Pool) {
      await owner.query(
        `create function public.full() returns trigger language plpgsql as
         $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
         create trigger a_full before insert on nova.events for each row execute function public.full()`,
      )
    },
    async free(owner: pg.Pool) {
      await owner.query('drop trigger a_full on nova.events; drop function public.full()')
    },
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}
