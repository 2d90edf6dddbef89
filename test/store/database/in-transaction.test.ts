import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openDatabase } from '../../../src/store/database/database.ts'
import { AnswerLost } from '../../../src/store/database/database-error.ts'
import { inTransaction } from '../../../src/store/database/in-transaction.ts'
import { freshDatabase, settingsFor } from '../../support/database.ts'
import { type Fate, faultyWire } from '../../support/faulty-wire.ts'

/** A transaction that inserts one row; a request that matches has that fate, once. */
async function insert(at: RegExp, fate: Fate) {
  await using db = await freshDatabase()
  await using wire = await faultyWire(db.url)
  await db.database.owner.query('create table kept (n int unique deferrable initially deferred)')
  const database = await openDatabase(settingsFor(wire.url))
  const { owner } = database
  wire.decide = (request) => {
    if (!at.test(request)) return 'pass'
    wire.decide = () => 'pass'
    return fate
  }
  const work = (rows: string) =>
    inTransaction(owner, 'begin', (client) => client.query(`insert into kept values ${rows}`)).then(
      () => null,
      (error: unknown) => error,
    )
  const error = await work('(1)')
  const refused = await work('(2), (2)')
  // The pool is whole afterwards: nobody is given a connection in a transaction of another.
  const after = await work('(3)')
  const { rows } = await db.database.owner.query<{ n: number }>('select n from kept order by n')
  await database.close()
  return { error, refused, after, kept: rows.map(({ n }) => n) }
}

describe('a transaction whose connection is cut', { concurrency: true }, () => {
  it('after its commit says that the answer was lost, and is done', async () => {
    const { error, after, kept } = await insert(/commit/, 'unanswered')
    assert.ok(error instanceof AnswerLost, String(error))
    assert.deepEqual([after, kept], [null, [1, 3]])
  })

  it('before the server hears of the commit says the same, since nobody can tell, and is not done', async () => {
    const { error, after, kept } = await insert(/commit/, 'unsent')
    assert.ok(error instanceof AnswerLost, String(error))
    assert.deepEqual([after, kept], [null, [3]])
  })

  it('before its commit says that nothing was done', async () => {
    const { error, after, kept } = await insert(/insert/, 'unanswered')
    assert.ok(error instanceof Error && !(error instanceof AnswerLost), String(error))
    assert.deepEqual([after, kept], [null, [3]])
  })

  it('is told from one whose commit the server refuses, which changed nothing', async () => {
    const { error, refused, kept } = await insert(/never/, 'pass')
    assert.equal(error, null)
    assert.ok(refused instanceof Error && !(refused instanceof AnswerLost), String(refused))
    assert.match(String(refused), /duplicate key/)
    assert.deepEqual(kept, [1, 3])
  })
})
