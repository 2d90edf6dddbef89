import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { createContents } from '../../src/store/postgres-contents.ts'
import { freshDatabase } from '../support/database.ts'

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
})
