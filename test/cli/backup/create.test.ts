import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { backup as command } from '../../../src/cli/backup.ts'
import { takeBackup } from '../../../src/store/backups/take-backup.ts'
import { backedUp } from '../../support/backed-up.ts'
import { freshDatabase } from '../../support/database.ts'

describe('nova backup', () => {
  it('copies a server that serves, says how much, and lists what is there', async () => {
    await using w = await backedUp()
    assert.equal((await w.backup('list').catch(({ code }) => ({ code }))).code, 1)
    const writes = Promise.all(['a', 'b', 'c', 'd'].map((title) => w.write(title)))
    const { code, out, err } = await w.backup()
    await writes
    assert.deepEqual([code, err], [0, ''])
    assert.match(out, /^Backup \d{8}T\d{6}Z: \d+ MB in \d+ MB, read back and whole, .* MB\/s\)$/m)
    await w.backup()
    const listed = await w.backup('list')
    assert.equal(listed.code, 0)
    assert.equal(listed.out.match(/^\d{8}T\d{6}Z /gm)?.length, 2)
    await assert.rejects(w.backup('destroy'), /has no action "destroy"/)
  })

  it('clears up what a killed one left, and leaves nothing when it is stopped itself', async () => {
    await using w = await backedUp()
    const base = join(w.backups, 'base')
    const draft = join(base, '20260101T000000Z.draft')
    mkdirSync(draft)
    writeFileSync(join(draft, 'base.tar.zst'), 'half')
    const stopping = AbortSignal.abort(new Error('stopped'))
    await assert.rejects(takeBackup(w.database, w.backups, { signal: stopping }))
    assert.deepEqual(readdirSync(base), [])
    const midway = new AbortController()
    const stop = () => midway.abort(new Error('stopped'))
    await assert.rejects(
      takeBackup(w.database, w.backups, { signal: midway.signal, onBytes: stop }),
    )
    assert.deepEqual(readdirSync(base), [])
    assert.deepEqual(readdirSync(w.backups).toSorted(), ['base', 'nova-backups.json', 'wal'])
    assert.equal((await w.backup()).code, 0)
  })

  it('refuses the folder of another server and a folder of other files, and changes neither', async () => {
    await using w = await backedUp()
    await using other = await backedUp()
    assert.equal((await other.backup()).code, 0)
    const before = readdirSync(join(other.backups, 'base'))
    await assert.rejects(w.backup('create', { dir: other.backups }), {
      code: 'BACKUP_FOLDER_UNUSABLE',
    })
    assert.deepEqual(readdirSync(join(other.backups, 'base')), before)
    await assert.rejects(w.backup('create', { dir: w.folder }), { code: 'BACKUP_FOLDER_UNUSABLE' })
    await assert.rejects(w.run(command, [], {}, { NOVA_BACKUP_DIR: '' }), /Name the folder/)
  })

  it('is refused by a server that may not be copied, in its words', async () => {
    await using db = await freshDatabase()
    await using w = await backedUp()
    const { owner } = w.database
    await owner.query('create role plain login')
    const { rows } = await owner.query<{ host: string }>(
      `select current_setting('unix_socket_directories') as host`,
    )
    const url = `postgres://plain@${encodeURIComponent(rows[0]?.host ?? '')}:5432/nova`
    const settings = { DATABASE_URL: url, NOVA_BACKUP_DIR: join(w.folder, 'plain') }
    await assert.rejects(w.run(command, [], {}, settings), {
      code: 'BACKUP_REFUSED',
      message: /permission denied to start WAL sender/,
    })
    // The server of the tests archives nothing: a drill could promise nothing.
    const silent = { DATABASE_URL: db.url, NOVA_BACKUP_DIR: join(w.folder, 'silent') }
    const made = await w.run(command, [], {}, silent)
    assert.match(made.err, /does not archive its log/)
    await assert.rejects(w.run(command, ['drill'], {}, silent), { code: 'BACKUP_REFUSED' })
  })

  const disk = 'a full disk ends it with the reason, and leaves no half backup'
  const mounted = canMount()
  it(
    mounted ? disk : `(a file in the way, since nobody may mount a disk here): ${disk}`,
    async () => {
      await using w = await backedUp()
      const small = join(w.folder, 'small')
      mkdirSync(small)
      if (mounted) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small])
      else writeFileSync(join(small, 'base'), '')
      try {
        await assert.rejects(
          w.backup('create', { dir: small }),
          mounted ? { code: 'ENOSPC' } : { code: 'BACKUP_FOLDER_UNUSABLE' },
        )
        if (mounted) assert.deepEqual(readdirSync(join(small, 'base')), [])
        else assert.equal(readFileSync(join(small, 'base'), 'utf8'), '')
      } finally {
        if (mounted) execFileSync('umount', [small])
      }
    },
  )
})

function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'nova-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', probe], { stdio: 'ignore' })
    execFileSync('umount', [probe])
    return true
  } catch {
    return false
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
}
