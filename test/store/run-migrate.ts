import { openDatabase } from '../../src/store/database/database.ts'
import { migrate } from '../../src/store/database/migrate.ts'
import { settingsFor } from '../support/database.ts'

// Migrates a database as a starting server does, and says what it did.
const [, , url = '', folder = ''] = process.argv
const database = await openDatabase(settingsFor(url))
console.log(JSON.stringify(await migrate(database, { folder, tree: null })))
await database.close()
