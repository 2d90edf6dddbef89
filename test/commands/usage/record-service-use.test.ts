import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordServiceUse } from '../../../src/commands/usage/record-service-use.ts'
import { usageMonth, usageStream } from '../../../src/events/usage/usage-events.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const articleId = '0190a1b2-0000-7000-8000-000000000001'
const use = (service: string) => ({ service, requests: 2, inputTokens: 1_000, outputTokens: 100 })

describe('recording what services did', () => {
  it('keeps tokens always, and a cost only where a price is known', async () => {
    await using w = await commandWorld()
    const prices = new Map([
      ['google:gemini', { input: 1, output: 10 }],
      ['firecrawl', { request: 0.5 }],
    ])
    await recordServiceUse({ ...w.deps, prices }, caller('ada'), {
      callId: 'call1',
      articleId,
      uses: [use('google:gemini'), use('firecrawl'), use('unpriced')],
    })
    const streamId = usageStream('ada', usageMonth(w.deps.now()))
    const [event] = await w.deps.store.read({ userId: 'ada', streamId })
    const data = event?.data as { call_id: string; article_id: string; services: object[] }
    assert.deepEqual([data.call_id, data.article_id], ['call1', articleId])
    const tokens = { requests: 2, input_tokens: 1_000, output_tokens: 100 }
    assert.deepEqual(data.services, [
      { service: 'google:gemini', ...tokens, cost_usd: 0.002 },
      { service: 'firecrawl', ...tokens, cost_usd: 1 },
      { service: 'unpriced', ...tokens, cost_usd: null },
    ])
  })
})
