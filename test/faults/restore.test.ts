import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { backedUp } from '../support/backed-up.ts'
import { change, onlyBackup, walFiles } from '../support/damage.ts'

const titlesOf = async (w: Awaited<ReturnType<typeof backedUp>>) => {
  const { rows } = await w.database.owner.query<{ title: string }>(
    `select data->>'title' as title from nova.events where type = 'ArticleCreated' order by 1`,
  )
  return rows.map(({ title }) => title)
}

const now = async (w: Awaited<ReturnType<typeof backedUp>>) => {
  const { rows } = await w.database.owner.query<{ at: Date; lsn: string }>(
    'select clock_timestamp() as at, pg_current_wal_insert_lsn()::text as lsn',
  )
  const [row] = rows
  assert.ok(row)
  return { at: new Date(row.at.getTime() + 1).toISOString(), lsn: row.lsn }
}

describe('nova restore', () => {
  it('brings back a moment, a position, or all of it; and what is restored is backed up on', async () => {
    await using w = await backedUp()
    await w.write('one')
    await w.backup()
    await w.write('two')
    const then = await now(w)
    await w.write('three')
    assert.equal((await w.backup('drill')).code, 0)

    const restored = async (name: string, options: Record<string, string>) => {
      const dataDir = join(w.folder, name)
      assert.equal((await w.restore({ into: dataDir, ...options })).code, 0)
      assert.deepEqual(
        readdirSync(dataDir).filter((file) => file.startsWith('restore-')),
        [],
      )
      return backedUp({ dataDir, backups: join(w.folder, `${name}-backups`) })
    }
    {
      await using moment = await restored('moment', { to: then.at })
      assert.deepEqual(await titlesOf(moment), ['One', 'Two'])
    }
    {
      await using position = await restored('position', { to: then.lsn })
      assert.deepEqual(await titlesOf(position), ['One', 'Two'])
    }
    await using all = await restored('all', {})
    assert.deepEqual(await titlesOf(all), ['One', 'Three', 'Two'])
    await all.write('four')
    assert.equal((await all.backup()).code, 0)
    assert.equal((await all.backup('drill')).code, 0)
  })

  it('goes on in the same archive on a timeline of its own, which the next restore follows', async () => {
    await using w = await backedUp()
    await w.write('one')
    await w.backup()
    await w.write('two')
    const then = await now(w)
    await w.write('lost')
    assert.equal((await w.backup('drill')).code, 0)
    const dataDir = join(w.folder, 'again')
    await w.restore({ into: dataDir, to: then.at })
    await w.database.close()
    await using again = await backedUp({ dataDir, backups: w.backups })
    await again.write('new')
    const drilled = await again.backup('drill')
    assert.equal(drilled.code, 0, drilled.out)
    const third = join(w.folder, 'third')
    await again.restore({ into: third })
    await using last = await backedUp({ dataDir: third, backups: join(w.folder, 'others') })
    assert.deepEqual(await titlesOf(last), ['New', 'One', 'Two'])
  })

  it('refuses what it cannot reach, and leaves nothing half done', async () => {
    await using w = await backedUp()
    const early = await now(w)
    await w.write('one')
    await w.backup()
    await w.write('two')
    await w.database.owner.query('select pg_switch_wal()')
    await w.write('three')
    assert.equal((await w.backup('drill')).code, 0)
    const into = join(w.folder, 'into')
    const fails = async (options: Record<string, string>, code: string) => {
      await assert.rejects(w.restore({ into, ...options }), { code })
      assert.deepEqual(existsSync(into) ? readdirSync(into) : [], [], `after ${code}`)
    }
    await fails({ to: early.at }, 'RESTORE_TARGET_UNREACHABLE')
    // What a restore left that was killed: no process began at that moment.
    mkdirSync(join(into, `restore-${process.pid}-1-killed`), { recursive: true })
    await fails({ to: '2099-01-01' }, 'RESTORE_TARGET_UNREACHABLE')
    await fails({ to: 'FF/0' }, 'RESTORE_TARGET_UNREACHABLE')
    await fails({ backup: '20200101T000000Z' }, 'BACKUP_FOLDER_UNUSABLE')
    await assert.rejects(w.restore({ into, to: 'yesterday' }), /--to takes a moment/)

    const files = walFiles(w.backups).map((name) => join(w.backups, 'wal', name))
    const [last, before] = [files.at(-1) ?? '', files.at(-2) ?? '']
    renameSync(before, `${before}.away`)
    await fails({}, 'WAL_MISSING')
    renameSync(`${before}.away`, before)

    // PostgreSQL takes each of these for the end of the log, and would serve what came before.
    for (const file of [before, last]) {
      const mend = change(file, (bytes) => bytes.fill(0x55, 3000, 3200))
      await fails({}, 'BACKUP_DAMAGED')
      mend()
    }
    const cut = change(last, (bytes) => bytes.subarray(0, 4096))
    await fails({}, 'BACKUP_DAMAGED')
    cut()
    const foreign = change(last, (bytes) => bytes.fill(0x33, 24, 32))
    await fails({}, 'BACKUP_DAMAGED')
    foreign()
    const manifest = change(join(onlyBackup(w.backups), 'backup_manifest'), (bytes) =>
      Buffer.from(bytes.toString().replace('"Size": 8192', '"Size": 8193')),
    )
    await fails({}, 'BACKUP_DAMAGED')
    manifest()

    mkdirSync(join(into, 'postgres'))
    await assert.rejects(w.restore({ into }), { code: 'RESTORE_PLACE_TAKEN' })
  })
})
