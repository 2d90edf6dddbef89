import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createApiTokens } from '../../../src/store/people/api-tokens.ts'
import { freshDatabase } from '../../support/database.ts'

describe('the last use of an API token', () => {
  it('is noted at most once a minute, for each token by itself', async () => {
    await using db = await freshDatabase()
    const { app, owner } = db.database
    const tokens = createApiTokens(app)
    const isOlder = async () => {
      const { rows } = await owner.query<{ id: string; moved: boolean }>(
        `select token_id as id, last_used_at < (select max(last_used_at) from nova.api_token_uses)
           as moved from nova.api_token_uses`,
      )
      return Object.fromEntries(rows.map(({ id, moved }) => [id, moved]))
    }
    const move = (seconds: number) =>
      owner.query(
        `update nova.api_token_uses set last_used_at = now() - $1 * interval '1 second'`,
        [seconds],
      )
    const writes = async () => (await owner.query('select xmin from nova.api_token_uses')).rows
    await tokens.used('ada', 'one')
    await move(30)
    const before = await writes()
    await tokens.used('ada', 'one')
    assert.deepEqual(await writes(), before, 'noted again within the minute')
    await tokens.used('ada', 'two')
    assert.deepEqual(await isOlder(), { one: true, two: false })
    await move(61)
    await tokens.used('ada', 'one')
    assert.deepEqual(await isOlder(), { one: false, two: true })
  })
})
