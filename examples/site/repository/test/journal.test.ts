import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Journal } from '../src/journal.ts'
import { freshPool } from './fresh-pool.ts'

test('exactly one of ten concurrent appends wins', async () => {
  const journal = new Journal(await freshPool())
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) =>
      journal.append({ stream: 's', expectedVersion: 0, key: `k${n}`, events: [{ type: 'A', data: {} }] }),
    ),
  )
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
})
