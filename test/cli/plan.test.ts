import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { plan } from '../../src/cli/plan.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { freshDatabase } from '../support/database.ts'

async function run(url: string, positionals: string[], options: Record<string, string> = {}) {
  const terminal = rememberingTerminal()
  const settings = { DATABASE_URL: url, MONTHLY_TOOL_CALL_LIMIT: '30' }
  await plan.run(cliCall(terminal, settings, { positionals, options }))
  return terminal.out()
}

describe('nova plan', () => {
  it('shows what everybody has, assigns a plan, and leaves what is not named as it is', async () => {
    await using fresh = await freshDatabase()
    assert.match(
      await run(fresh.url, ['show', 'ann']),
      /^ann +30 +unlimited +unlimited +what ever/m,
    )
    const set = await run(fresh.url, ['set', 'ann'], { limit: '500', concurrent: '2' })
    assert.match(set, /^ann +500 +unlimited +2 +assigned/m)
    assert.match(await run(fresh.url, ['set', 'ann'], { burst: '9' }), /^ann +500 +9 +2 +assigned/m)
    assert.match(await run(fresh.url, ['show', 'bob']), /^bob +30 /m)
  })

  it('refuses what it does not know', async () => {
    await using fresh = await freshDatabase()
    await assert.rejects(run(fresh.url, ['give', 'ann']), /takes `show` or `set`/)
    await assert.rejects(run(fresh.url, ['set', 'ann']), /--limit, --burst or --concurrent/)
    await assert.rejects(run(fresh.url, ['set', 'ann'], { limit: 'many' }), /whole number/)
    await assert.rejects(run(fresh.url, ['show', 'a b']), /takes `show` or `set`/)
  })
})
