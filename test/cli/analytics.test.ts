import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { analytics } from '../../src/cli/analytics.ts'
import { checkAnalyticsLink } from '../../src/commands/links/analytics-link.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { freshDatabase } from '../support/database.ts'

const key = 'k'.repeat(32)

describe('nova analytics', () => {
  it('makes a link that the server of these settings takes', async () => {
    await using fresh = await freshDatabase()
    const terminal = rememberingTerminal()
    const settings = {
      DATABASE_URL: fresh.url,
      SERVER_URL: 'https://nova.example/research/',
      NOVA_LINK_SECRET: key,
    }
    await analytics.run(cliCall(terminal, settings, { positionals: ['link'] }))
    const [, token = ''] = terminal.out().split('https://nova.example/research/analytics/')
    await checkAnalyticsLink([key], token, new Date())
    assert.match(terminal.err(), /^Until \d{4}-/)
    const wrong = cliCall(terminal, settings, { positionals: ['page'] })
    await assert.rejects(analytics.run(wrong), /takes `link`/)
  })
})
