import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { events } from '../../src/cli/events.ts'
import { token as tokens } from '../../src/cli/token.ts'
import { projections } from '../../src/projections/registry.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { backedUp } from '../support/backed-up.ts'
import { changeJson, isEmpty, onlyBackup, spoilDataFile, walFiles } from '../support/damage.ts'

describe('nova backup drill', () => {
  it('restores up to now, proves every stream, body and read model, and leaves nothing', async () => {
    await using w = await backedUp()
    await w.write('before')
    await w.backup()
    await w.write('after')
    const { code, out, err } = await w.backup('drill')
    assert.deepEqual([code, err], [0, ''])
    assert.match(out, /chains: 2 events, every hash recomputed/)
    assert.match(out, /nothing lost: [1-9]\d* streams of the live server are in the copy/)
    assert.match(out, /contents: 2 bodies/)
    for (const { name } of projections) {
      assert.match(out, new RegExp(`ok {4}read model ${name}: \\d+ rows, rebuilt alike`))
    }
    assert.match(out, /RPO \d+\.\d s, RTO \d+\.\d s/)
    assert.ok(isEmpty(join(w.folder, 'work')))
    const late = await w.backup('drill', { 'max-rto': '1000000' })
    assert.equal(late.code, 0)
  })

  it('fails at a missing file of the log, a damaged file, an older server; and passes again', async () => {
    await using w = await backedUp()
    await w.write('one')
    await w.backup()
    await w.write('two')
    assert.equal((await w.backup('drill')).code, 0)
    const backup = onlyBackup(w.backups)
    const fails = async (code: string) => {
      await assert.rejects(w.backup('drill'), { code })
      assert.ok(isEmpty(join(w.folder, 'work')), `the drill that ended ${code} left something`)
    }

    const wal = join(w.backups, 'wal', walFiles(w.backups).at(-1) ?? '')
    renameSync(wal, `${wal}.away`)
    await fails('WAL_MISSING')
    renameSync(`${wal}.away`, wal)

    const mend = spoilDataFile(backup)
    await fails('BACKUP_DAMAGED')
    mend()

    const young = changeJson(join(backup, 'backup.json'), { postgres: 99 })
    await fails('RESTORE_FAILED')
    young()

    assert.equal((await w.backup('drill')).code, 0)
  })

  it('fails at a broken chain, a body that is not what its hash says, and a read model beside its events', async () => {
    await using w = await backedUp()
    await w.write('one')
    await w.backup()
    for (const projection of projections) await drainProjection(w.database.projector, projection)
    await w.database.owner.query(`set session_replication_role = replica;
      update nova.events set data = data || '{"title": "another"}' where type = 'ArticleCreated';
      update nova.contents set body = 'another';
      update nova.articles_g1 set rounds = 99;
      reset session_replication_role`)
    const { code, out, err } = await w.backup('drill')
    assert.equal(code, 1)
    assert.match(out, /FAIL {2}chains: 1 problems, first: article-\S+ at 1 changed/)
    assert.match(out, /FAIL {2}bodies: 1 are not what their hash says/)
    assert.match(out, /FAIL {2}read model articles: 1 rows, rebuilt from the events 1 others/)
    assert.match(err, /[34] of 16 checks failed/)
    assert.doesNotMatch(out, /can be restored/)
  })

  it('checks a copy that was restored elsewhere, and refuses the live database itself', async () => {
    await using w = await backedUp()
    await w.write('one')
    const { rows } = await w.database.owner.query<{ host: string }>(
      `select current_setting('unix_socket_directories') as host`,
    )
    const url = (name: string) =>
      `postgres://nova@${encodeURIComponent(rows[0]?.host ?? '')}:5432/${name}`
    await assert.rejects(w.backup('drill', { url: url('nova') }), /names the live database/)

    const file = join(w.folder, 'events.jsonl')
    assert.equal((await w.run(events, ['export', file], { contents: true })).code, 0)
    await w.database.owner.query('create database copy')
    const copied = await w.run(events, ['import', file], {}, { DATABASE_URL: url('copy') })
    assert.equal(copied.code, 0)
    const alike = await w.backup('drill', { url: url('copy') })
    assert.equal(alike.code, 0, alike.out)
    assert.match(alike.out, /^The copy lacks 0 events/m)
    assert.match(alike.out, /^RPO 0\.0 s$/m)
    assert.doesNotMatch(alike.out, /RTO/)

    await w.write('two')
    const later = await w.backup('drill', { url: url('copy') })
    assert.equal(later.code, 0, later.out)
    assert.match(later.out, /^The copy lacks 1 events/m)
    const bounded = await w.backup('drill', { url: url('copy'), 'max-rpo': '1000000' })
    assert.equal(bounded.code, 0)

    const foreign = await w.run(tokens, ['create'], {}, { DATABASE_URL: url('copy') })
    assert.equal(foreign.code, 0)
    const other = await w.backup('drill', { url: url('copy') })
    assert.equal(other.code, 1)
    assert.match(other.out, /FAIL {2}nothing foreign: 1 are not: token-/)
  })
})
