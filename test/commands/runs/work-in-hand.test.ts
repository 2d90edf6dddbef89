import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WorkInHand } from '../../../src/commands/runs/work-in-hand.ts'

describe('work in hand', () => {
  it('is waited for, with what it began while it was waited for', async () => {
    const inHand = new WorkInHand()
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const ended: string[] = []
    const begin = inHand.track(async () => {
      await first.promise
      void inHand.track(() => second.promise.then(() => void ended.push('second')))
      ended.push('first')
    })
    const all = inHand.ended(60_000)
    first.resolve()
    await begin
    second.resolve()
    assert.equal(await all, 0)
    assert.deepEqual(ended, ['first', 'second'])
  })

  it('has ended also when it failed', async () => {
    const inHand = new WorkInHand()
    await assert.rejects(inHand.track(() => Promise.reject(new Error('broken'))))
    assert.equal(await inHand.ended(60_000), 0)
  })

  it('is counted when it takes too long', async () => {
    const inHand = new WorkInHand()
    void inHand.track(() => new Promise(() => {}))
    assert.equal(await inHand.ended(1), 1)
  })
})
