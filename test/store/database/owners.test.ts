import assert from 'node:assert/strict'
import { it } from 'node:test'
import pg from 'pg'
import { checkRoles } from '../../../src/store/database/check-roles.ts'
import { openDatabase } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { settingsFor } from '../../support/database.ts'
import { ownCluster } from '../../support/own-cluster.ts'

it('databases of one server have owners of their own, who are told what they lack', async () => {
  await using cluster = await ownCluster({ fsync: 'off' })
  const admin = new pg.Client({ connectionString: cluster.url() })
  await admin.connect()
  try {
    await admin.query('create role ada login createrole; create role bob login')
    await admin.query('create database of_ada owner ada')
    await admin.query('create database of_bob owner bob')
    const open = (role: string, name: string) => {
      const url = new URL(cluster.url())
      url.username = role
      url.pathname = `/${name}`
      return openDatabase(settingsFor(url.href))
    }
    const works = async (role: string, name: string) => {
      const database = await open(role, name)
      try {
        await migrate(database)
        await checkRoles(database)
      } finally {
        await database.close()
      }
    }
    await assert.rejects(works('bob', 'of_bob'), {
      message: /as a superuser, run: alter role bob createrole/,
    })
    // The first owner makes the roles and is no superuser.
    await works('ada', 'of_ada')
    const statement =
      'grant nova_app, nova_projector, nova_keeper, nova_analyst, nova_reader to bob'
    await assert.rejects(works('bob', 'of_bob'), {
      code: 'DATABASE_NOT_MIGRATED',
      message: new RegExp(`as a superuser, run: ${statement}`),
    })
    await admin.query(statement)
    await works('bob', 'of_bob')
    await admin.query('alter role bob rename to robert')
    await works('robert', 'of_bob')
    await works('ada', 'of_ada')
  } finally {
    await admin.end()
  }
})
