import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { parseConfig } from '../../src/config.ts'
import { costOf } from '../../src/research/models/prices.ts'
import {
  measureServiceUse,
  noteServiceUse,
  type ServiceUse,
} from '../../src/research/service-use.ts'

describe('what services did', () => {
  it('is told of each piece of work by itself, whoever works beside it', async () => {
    const told = new Map<string, ServiceUse[]>()
    const work = (name: string, times: number) =>
      measureServiceUse(
        async () => {
          for (let n = 0; n < times; n += 1) {
            await setImmediate()
            noteServiceUse({ service: 'model', inputTokens: 10, outputTokens: 1 })
          }
          if (name === 'b') noteServiceUse({ service: 'browser' })
        },
        async (uses) => void told.set(name, uses),
      )
    await Promise.all([work('a', 2), work('b', 3), work('none', 0)])
    const model = (requests: number) => ({
      service: 'model',
      requests,
      inputTokens: requests * 10,
      outputTokens: requests,
    })
    assert.deepEqual(Object.fromEntries(told), {
      a: [model(2)],
      b: [model(3), { service: 'browser', requests: 1, inputTokens: 0, outputTokens: 0 }],
    })
  })

  it('is told of work that failed too, and of no work nothing', async () => {
    const told: ServiceUse[][] = []
    const failing = measureServiceUse(
      async () => {
        noteServiceUse({ service: 'model' })
        throw new Error('afterwards')
      },
      async (uses) => void told.push(uses),
    )
    await assert.rejects(failing, /afterwards/)
    noteServiceUse({ service: 'nobody asked' })
    assert.deepEqual(told, [[{ service: 'model', requests: 1, inputTokens: 0, outputTokens: 0 }]])
  })
})

describe('NOVA_PRICES', () => {
  const pricesOf = (NOVA_PRICES: string) => {
    const parsed = parseConfig({ NOVA_PRICES })
    return parsed.ok ? new Map(parsed.config.NOVA_PRICES) : parsed.problem
  }
  const use = (service: string) => ({
    service,
    requests: 3,
    inputTokens: 2_000_000,
    outputTokens: 500_000,
  })

  it('are by request or by million tokens, and nothing is guessed', () => {
    const prices = pricesOf('firecrawl=0.005, compatible:org/model=0.30/2.50')
    assert.ok(prices instanceof Map)
    assert.equal(costOf(prices, use('firecrawl')), 0.015)
    assert.equal(costOf(prices, use('compatible:org/model')), 0.6 + 1.25)
    assert.equal(costOf(prices, use('google:gemini')), null)
  })

  it('are refused when they are none', () => {
    for (const wrong of ['firecrawl', 'a=b', 'a=1/2/3', '=1', 'a=-1', 'a=1e9']) {
      assert.equal(typeof pricesOf(wrong), 'string', wrong)
    }
  })
})
