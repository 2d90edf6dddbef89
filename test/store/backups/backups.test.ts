import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  type Backup,
  describeBackup,
  listBackups,
  makeBackupFolder,
  openBackupFolder,
} from '../../../src/store/backups/backup-folder.ts'
import { chooseBackup, parseTarget } from '../../../src/store/backups/choose-backup.ts'
import { formatLsn, parseLsn, segmentName } from '../../../src/store/backups/lsn.ts'
import { packWal, pruneBackups } from '../../../src/store/backups/prune-backups.ts'
import { readArchived, walAfter } from '../../../src/store/backups/wal-archive.ts'
import { openDatabase } from '../../../src/store/database/database.ts'

const segmentBytes = 2 ** 24
const day = 24 * 60 * 60 * 1000
const begin = Date.parse('2026-01-01T00:00:00.000Z')

/** A folder of made backups, one a day, each a hundred files of the log after the one before. */
function folderOf(days: number) {
  const path = mkdtempSync(join(tmpdir(), 'nova-backups-'))
  const folder = makeBackupFolder(path, '42')
  for (let n = 0; n < days; n++) {
    const at = new Date(begin + n * day).toISOString()
    const id = at.replace(/\.\d+Z$/, 'Z').replaceAll(/[-:]/g, '')
    const start = BigInt(n * 100 + 1) * BigInt(segmentBytes)
    mkdirSync(join(folder.base, id))
    const backup: Omit<Backup, 'id' | 'path'> = {
      system: '42',
      postgres: 18,
      segment_bytes: segmentBytes,
      timeline: 1,
      start_lsn: start,
      stop_lsn: start + 1000n,
      started_at: at,
      stopped_at: at,
      user: 'nova',
      database: 'nova',
      data_bytes: 1,
      stored_bytes: 1,
    }
    describeBackup(join(folder.base, id), backup, formatLsn)
  }
  return {
    ...folder,
    archive: (segment: number, timeline = 1) =>
      writeFileSync(join(folder.wal, segmentName(timeline, BigInt(segment), segmentBytes)), 'log'),
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  }
}

describe('what is kept of backups', () => {
  it('is all from which a moment of the last days is restored, and the log from there on', () => {
    using folder = folderOf(10)
    for (let segment = 0; segment < 950; segment += 50) folder.archive(segment)
    // Seven days before the tenth is the third: it is restored from the third itself.
    const now = new Date(begin + 9 * day)
    const { removed, walRemoved } = pruneBackups(folder, { days: 7, now })
    assert.deepEqual(
      removed.map(({ id }) => id),
      ['20260101T000000Z', '20260102T000000Z'],
    )
    assert.equal(listBackups(folder)[0]?.id, '20260103T000000Z')
    assert.equal(walRemoved, 5)
    assert.ok(existsSync(join(folder.wal, segmentName(1, 250n, segmentBytes))))
    assert.deepEqual(pruneBackups(folder, { days: 7, now }), { removed: [], walRemoved: 0 })
  })

  it('is never nothing', () => {
    using folder = folderOf(3)
    pruneBackups(folder, { days: 1, now: new Date(begin + 1000 * day) })
    assert.deepEqual(
      listBackups(folder).map(({ id }) => id),
      ['20260103T000000Z'],
    )
  })

  it('is packed when it has lain for a while, and read as it was', () => {
    using folder = folderOf(1)
    folder.archive(2)
    folder.archive(3)
    const [old, young] = [2n, 3n].map((segment) => segmentName(1, segment, segmentBytes))
    assert.ok(old && young)
    utimesSync(join(folder.wal, old), 0, 0)
    assert.equal(packWal(folder, new Date()).packed, 1)
    assert.deepEqual(readdirSync(folder.wal).toSorted(), [`${old}.zst`, young])
    assert.equal(readArchived(folder, old).toString(), 'log')
    const [backup] = listBackups(folder)
    assert.ok(backup)
    assert.deepEqual(walAfter(folder, backup).segments, [old, young])
  })
})

describe('the way through the archive', () => {
  it('goes on from the end of the backup, and a file that is not there is named', () => {
    using folder = folderOf(1)
    const [backup] = listBackups(folder)
    assert.ok(backup)
    assert.deepEqual(walAfter(folder, backup).segments, [])
    for (const segment of [1, 2, 3, 5]) folder.archive(segment)
    assert.throws(() => walAfter(folder, backup), {
      code: 'WAL_MISSING',
      message: /000000010000000000000004/,
    })
    folder.archive(4)
    const { segments, endLsn } = walAfter(folder, backup)
    assert.deepEqual([segments.length, formatLsn(endLsn)], [4, '0/6000000'])
  })

  it('follows the newest timeline that grew out of the backup, and none that left before it', () => {
    using folder = folderOf(2)
    const [first, second] = listBackups(folder)
    assert.ok(first && second)
    for (const segment of [2, 3, 4, 102, 103]) folder.archive(segment)
    folder.archive(3, 2)
    folder.archive(4, 2)
    // Nobody knows where a timeline without a history begins.
    assert.throws(() => walAfter(folder, first), { message: /00000002\.history/ })
    writeFileSync(join(folder.wal, '00000002.history'), '1\t0/3000500\tbefore\n')
    const wal = walAfter(folder, first)
    assert.equal(wal.timeline, 2)
    assert.deepEqual(wal.segments, [
      '000000010000000000000002',
      '000000020000000000000003',
      '000000020000000000000004',
    ])
    assert.equal(walAfter(folder, second).timeline, 1)
  })
})

describe('the target of a restore', () => {
  it('is a moment, in UTC unless it says otherwise, or a position', () => {
    assert.deepEqual(parseTarget('2026-01-31T10:00'), { at: new Date('2026-01-31T10:00:00Z') })
    assert.deepEqual(parseTarget('2026-01-31 10:00:00+02:00'), {
      at: new Date('2026-01-31T08:00Z'),
    })
    assert.deepEqual(parseTarget('2026-01-31'), { at: new Date('2026-01-31T00:00:00Z') })
    assert.deepEqual(parseTarget('1/A0'), { lsn: parseLsn('1/A0') })
    for (const text of ['now', '10:00', '2026-13-01', '0/', ''])
      assert.equal(parseTarget(text), undefined)
  })

  it('is reached from the newest backup before it', () => {
    using folder = folderOf(3)
    const idFor = (text: string) => chooseBackup(folder, { target: parseTarget(text) }).id
    assert.equal(idFor('2026-01-02T12:00'), '20260102T000000Z')
    assert.equal(idFor('0/66000000'), '20260102T000000Z')
    assert.equal(chooseBackup(folder).id, '20260103T000000Z')
    assert.throws(() => idFor('2025-12-31'), { code: 'RESTORE_TARGET_UNREACHABLE' })
  })
})

describe('a folder of backups', () => {
  it('is refused when it is not ours, of another server, or of a newer version', () => {
    using folder = folderOf(0)
    const refused = (work: () => unknown, problem: RegExp) =>
      assert.throws(work, { code: 'BACKUP_FOLDER_UNUSABLE', message: problem })
    refused(() => makeBackupFolder(folder.path, '43'), /of another server/)
    refused(() => chooseBackup(folder), /there is no backup in it yet/)
    refused(() => openBackupFolder(tmpdir()), /there are no backups in it/)
    const foreign = join(folder.path, 'foreign')
    mkdirSync(foreign)
    writeFileSync(join(foreign, 'holiday.jpg'), '')
    refused(() => makeBackupFolder(foreign, '42'), /files that are not backups/)
    writeFileSync(join(folder.path, 'nova-backups.json'), '{"nova_backups": 2}')
    refused(() => openBackupFolder(folder.path), /newer version/)
    writeFileSync(join(folder.path, 'nova-backups.json'), 'nonsense')
    refused(() => openBackupFolder(folder.path), /cannot be read/)
  })

  it('that PostgreSQL cannot write is refused at the start, and so is one of another server', async () => {
    const path = mkdtempSync(join(tmpdir(), 'nova-archive-'))
    const backups = join(path, 'backups')
    const settings = {
      NOVA_DATA_DIR: join(path, 'data'),
      NOVA_BACKUP_DIR: backups,
      DB_NAME: 'nova',
      NOVA_CLOUD_SQL_IP: 'PUBLIC' as const,
      NOVA_DB_POOL: 4,
    }
    try {
      chmodSync(makeBackupFolder(backups).wal, 0o555)
      await assert.rejects(openDatabase(settings), {
        code: 'BACKUP_FOLDER_UNUSABLE',
        message: /may not write there/,
      })
      rmSync(backups, { recursive: true })
      await (await openDatabase(settings)).close()
      rmSync(backups, { recursive: true })
      makeBackupFolder(backups, '42')
      await assert.rejects(openDatabase(settings), {
        code: 'BACKUP_FOLDER_UNUSABLE',
        message: /of another server/,
      })
    } finally {
      rmSync(path, { recursive: true })
    }
  })
})
