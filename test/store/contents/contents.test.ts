import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { asKeeper } from '../../../src/store/archives/as-keeper.ts'
import { createContents } from '../../../src/store/contents/contents.ts'
import { freshDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'
import { holdLock, waitingStatements } from '../../support/waiting-statements.ts'

describe('contents', { concurrency: true }, () => {
  it('gives back the bytes that were put, under the hash it computes itself', async () => {
    await using db = await freshDatabase()
    const contents = createContents(db.database.app)
    const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => n % 256)
    const ref = await contents.put('ada', bytes, 'application/octet-stream')
    assert.equal(ref.sha256, createHash('sha256').update(bytes).digest('hex'))
    assert.equal(ref.size, 70_000)
    assert.deepEqual(new Uint8Array(await contents.get('ada', ref.sha256)), bytes)
  })

  it('keeps the same bytes once per user, also when they are put at once', async () => {
    await using db = await freshDatabase()
    const contents = createContents(db.database.app)
    const put = (user: string) => contents.put(user, 'the same text', 'text/plain')
    await Promise.all([...Array.from({ length: 8 }, () => put('ada')), put('bob')])
    const { rows } = await db.database.owner.query('select user_id from nova.contents')
    assert.deepEqual(rows.map(({ user_id }) => user_id).toSorted(), ['ada', 'bob'])
  })

  it("does not tell that another user's bytes exist", async () => {
    await using db = await freshDatabase()
    const contents = createContents(db.database.app)
    const { sha256 } = await contents.put('ada', 'a secret', 'text/plain')
    await assert.rejects(contents.get('bob', sha256), /is missing/)
    await assert.rejects(contents.get('bob', '0'.repeat(64)), /is missing/)
  })

  it('takes exactly what fits of fifty bodies that are put at once, and the same bytes for nothing', async () => {
    await using db = await freshDatabase()
    const { app, owner } = db.database
    const contents = createContents(app, 10_500)
    const body = (n: number) => String(n).padEnd(1000, '.')
    await contents.put('bob', body(0).repeat(10), 'text/plain')
    for (let n = 0; n < 9; n++) await contents.put('ada', body(n), 'text/plain')
    // They meet behind the look at what is kept, where each would find room.
    await using gate = await holdLock(db.url, 'lock table nova.contents in share mode')
    const putting = Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => contents.put('ada', body(100 + n), 'text/plain')),
    )
    await until(async () => (await waitingStatements(owner)) >= 3, 'three puts to wait')
    await gate.open()
    const puts = await putting
    const taken = puts.flatMap(({ status }, n) => (status === 'fulfilled' ? [100 + n] : []))
    assert.equal(taken.length, 1)
    for (const put of puts) {
      if (put.status === 'rejected') assert.equal(put.reason.code, 'STORAGE_FULL')
    }
    await contents.put('ada', body(taken[0] ?? 0), 'text/plain')
    assert.deepEqual(await contents.kept('ada'), { bytes: 10_000, max: 10_500 })
  })

  it('says what is kept, what may be kept and what did not fit', async () => {
    await using db = await freshDatabase()
    const contents = createContents(db.database.app, 10)
    await contents.put('ada', '12345678', 'text/plain')
    await assert.rejects(contents.put('ada', 'abc', 'text/plain'), {
      code: 'STORAGE_FULL',
      details: { used: 8, size: 3, max: 10 },
    })
    await contents.put('ada', 'ab', 'text/plain')
  })

  it('has room again for what was removed, by whomever', async () => {
    await using db = await freshDatabase()
    const contents = createContents(db.database.app, 10)
    const { sha256 } = await contents.put('ada', '1234567890', 'text/plain')
    await asKeeper(db.database.owner, (keeper) =>
      keeper.query('delete from nova.contents where sha256 = $1', [sha256]),
    )
    assert.deepEqual(await contents.kept('ada'), { bytes: 0, max: 10 })
    await contents.put('ada', 'abcdefghij', 'text/plain')
  })
})
