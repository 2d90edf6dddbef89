import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkRoles } from '../../../src/store/database/check-roles.ts'
import { openDatabase } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { freshDatabase, settingsFor } from '../../support/database.ts'
import { startPooler } from '../../support/pooler.ts'

describe('a connection pooler between Nova and PostgreSQL', () => {
  for (const does of ['refuse', 'leave out'] as const) {
    it(`that would ${does} the role of a connection is refused by name, before anything is served`, async () => {
      await using db = await freshDatabase()
      await using pooler = await startPooler(db.url, does)
      const database = await openDatabase(settingsFor(pooler.url))
      try {
        await assert.rejects(
          async () => {
            await migrate(database)
            await checkRoles(database)
          },
          { code: 'DATABASE_POOLED', hint: /Point DATABASE_URL at PostgreSQL itself/ },
        )
      } finally {
        await database.close()
      }
    })
  }
})
