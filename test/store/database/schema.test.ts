import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freshDatabase } from '../../support/database.ts'
import { describeSchema } from '../../support/describe-schema.ts'

const file = join(import.meta.dirname, '../../schema.sql')

describe('test/schema.sql', () => {
  it('is what the migrations make', async () => {
    await using db = await freshDatabase()
    const schema = await describeSchema(db.database.owner)
    if (process.env.DUMP_SCHEMA === '1') writeFileSync(file, schema)
    assert.equal(schema, readFileSync(file, 'utf8'), 'run npm run db:dump and read the difference')
  })
})
