import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type pg from 'pg'
import { freshDatabase } from '../../support/database.ts'

/** A value for a column of that type, whatever it means. */
const filler: Record<string, string> = {
  text: `'ada'`,
  uuid: `'00000000-0000-4000-8000-000000000001'`,
  int4: '1',
  int8: '1',
  int2: '1',
  numeric: '1',
  float8: '1',
  bool: 'true',
  bytea: `'\\x00'`,
  jsonb: `'{}'`,
  date: `'2026-01-01'`,
  timestamptz: 'now()',
  _text: `'{}'`,
}

/** Puts a row of Ada's into every table with a user_id, without regard for what it says; their names. */
async function fill(owner: pg.Pool): Promise<string[]> {
  const { rows } = await owner.query<{ name: string; columns: string[]; types: string[] }>(
    `select c.relname as name, array_agg(a.attname::text order by attnum) as columns,
       array_agg(t.typname::text order by attnum) as types
     from pg_class c join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
     where c.relnamespace = 'nova'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and attnum > 0 and not attisdropped and attgenerated = ''
     group by 1 having 'user_id' = any (array_agg(a.attname::text)) order by 1`,
  )
  const client = await owner.connect()
  try {
    await client.query('set session_replication_role = replica')
    const checks = await client.query<{ drop: string }>(
      `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop
       from pg_constraint where contype = 'c' and connamespace = 'nova'::regnamespace
         and coninhcount = 0`,
    )
    for (const { drop } of checks.rows) await client.query(drop)
    for (const { name, columns, types } of rows) {
      const values = types.map((type) => filler[type] ?? assert.fail(`no value of type ${type}`))
      await client.query(`insert into nova.${name} (${columns}) values (${values})`)
    }
  } finally {
    client.release(true)
  }
  return rows.map(({ name }) => name)
}

async function as<Result>(pool: pg.Pool, user: string, work: (client: pg.PoolClient) => Result) {
  const client = await pool.connect()
  try {
    await client.query(`begin; select set_config('app.user_id', '${user}', true)`)
    return await work(client)
  } finally {
    await client.query('rollback')
    client.release()
  }
}

describe('row-level security', () => {
  it('shows the rows of one user to that user only, and takes none for another, in every table', async () => {
    await using db = await freshDatabase()
    const { app, owner } = db.database
    const tables = await fill(owner)
    assert.ok(tables.length >= 15, `${tables.length} tables`)
    for (const table of tables) {
      const { rows } = await owner.query<{ reads: boolean; writes: boolean }>(
        `select has_table_privilege('nova_app', $1, 'select') as reads,
           has_table_privilege('nova_app', $1, 'insert') as writes`,
        [`nova.${table}`],
      )
      const seen = (user: string) =>
        as(app, user, async (client) => {
          return (await client.query(`select user_id from nova.${table}`)).rowCount
        })
      if (rows[0]?.reads) {
        assert.equal(await seen('ada'), 1, `Ada sees her row of ${table}`)
        assert.equal(await seen('eve'), 0, `Eve sees no row of ${table}`)
        assert.equal(await seen(''), 0, `no user, no row of ${table}`)
      }
      if (rows[0]?.writes) {
        const write = as(app, 'eve', (client) =>
          client.query(`insert into nova.${table} (user_id) values ('ada')`),
        )
        await assert.rejects(write, /row-level security/, table)
      }
    }
  })
})
