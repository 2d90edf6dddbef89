import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { it } from 'node:test'
import pg from 'pg'
import { receiveBaseBackup } from '../../../src/store/backups/receive-base-backup.ts'
import { ownCluster } from '../../support/own-cluster.ts'
import { until } from '../../support/until.ts'

it('a slow backup of a busy server has all of the log that it needs, and keeps none afterwards', async () => {
  await using cluster = await ownCluster({ fsync: 'off', max_wal_size: '32MB' })
  const writer = new pg.Client({ connectionString: cluster.url() })
  const settings = { connectionString: cluster.url(), replication: 'database' }
  const client = new pg.Client(settings)
  for (const each of [writer, client]) each.on('error', () => {})
  await Promise.all([writer.connect(), client.connect()])
  try {
    // Nobody reads it yet, so the server stands in the middle of its data.
    const tar = new PassThrough()
    const receiving = receiveBaseBackup(client, tar)
    receiving.catch(() => {})
    await until(() => tar.readableLength > 0, 'the backup to begin')
    for (let segments = 0; segments < 12; segments++) {
      await writer.query('create table if not exists busy (n int)')
      await writer.query('insert into busy values (1)')
      await writer.query('select pg_switch_wal()')
    }
    await writer.query('checkpoint')
    await writer.query('checkpoint')
    let bytes = 0
    tar.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    const { startLsn, stopLsn, manifest } = await receiving
    assert.ok(stopLsn - startLsn > 12n * 2n ** 24n - 2n ** 24n)
    assert.ok(bytes > 12 * 2 ** 24)
    assert.ok(manifest.length > 0)
  } finally {
    await client.end()
  }
  await until(async () => {
    const { rows } = await writer.query('select from pg_replication_slots')
    return rows.length === 0
  }, 'the slot of the backup to be gone')
  await writer.end()
})
