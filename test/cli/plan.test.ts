import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { plan } from '../../src/cli/plan.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { freshDatabase } from '../support/database.ts'

async function run(
  url: string,
  positionals: string[],
  options: Record<string, string | string[]> = {},
) {
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
    const set = await run(fresh.url, ['set', 'ann'], {
      'calls-per-month': '500',
      'concurrent-operations': '2',
    })
    assert.match(set, /^ann +500 +unlimited +2 +assigned/m)
    assert.match(
      await run(fresh.url, ['set', 'ann'], { 'calls-per-minute': '9' }),
      /^ann +500 +9 +2 +assigned/m,
    )
    assert.match(await run(fresh.url, ['show', 'bob']), /^bob +30 /m)
  })

  it('weighs the tools that are named, and leaves the weights of the others', async () => {
    await using fresh = await freshDatabase()
    const weigh = (...weight: string[]) => run(fresh.url, ['set', 'ann'], { weight })
    await weigh('get_article=0', 'run_perplexity_research=5')
    assert.match(await weigh('get_article=1'), /assigned +run_perplexity_research=5$/m)
    for (const wrong of ['get_article', 'get_article=1001', 'get_article=-1', '=5']) {
      await assert.rejects(weigh(wrong), /TOOL=N with N from 0 to 1000/)
    }
    await assert.rejects(weigh('get_artikle=2'), { code: 'TOOL_UNKNOWN' })
  })

  it('refuses what it does not know', async () => {
    await using fresh = await freshDatabase()
    await assert.rejects(run(fresh.url, ['give', 'ann']), /takes `show` or `set`/)
    await assert.rejects(
      run(fresh.url, ['set', 'ann']),
      /--calls-per-month, --calls-per-minute, --concurrent-operations or --weight/,
    )
    await assert.rejects(
      run(fresh.url, ['set', 'ann'], { 'calls-per-month': 'many' }),
      /whole number/,
    )
    await assert.rejects(run(fresh.url, ['show', 'a b']), /takes `show` or `set`/)
  })
})
