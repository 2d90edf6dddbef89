import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from './until.ts'

describe('until', () => {
  it('goes on once the condition holds', async () => {
    let asked = 0
    await until(() => ++asked === 3, 'the third question')
    assert.equal(asked, 3)
  })

  for (const [kind, condition] of [
    ['never holds', () => false],
    ['never answers', () => new Promise<boolean>(() => {})],
  ] as const) {
    it(`says what was waited for, and how long, when the condition ${kind}`, async () => {
      await assert.rejects(
        until(condition, 'the tide', 20),
        /^Error: waited \d\.\d s in vain for the tide$/,
      )
    })
  }

  it('throws what the condition throws', async () => {
    const broken = () => assert.fail('broken')
    await assert.rejects(until(broken, 'anything'), { message: 'broken' })
  })
})
