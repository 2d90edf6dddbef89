import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Job } from '../../../../src/sources/extraction/process/extraction-lane.ts'
import { onBehalfOf } from '../../../../src/sources/extraction/process/extraction-share.ts'
import { nextJob } from '../../../../src/sources/extraction/process/next-job.ts'
import { createExtractionPool } from '../../../support/extraction-pool.ts'

const ignore = () => undefined
const pageRequest = { bytes: new Uint8Array(), mediaType: '', charset: null, url: '' }
const page = (share: string): Job => ({
  task: { kind: 'page', input: pageRequest },
  share,
  resolve: ignore,
  reject: ignore,
})
const links = (share: string): Job => ({ ...page(share), task: { kind: 'links', input: '' } })
const none: ReadonlyMap<string, number> = new Map()

describe('the next conversion', () => {
  it('is of the user with the fewest running', () => {
    const waiting = [page('ada'), page('ada'), page('bob')]
    assert.equal(nextJob(waiting, [page('ada')], none, 2)?.share, 'bob')
    assert.deepEqual(
      waiting.map(({ share }) => share),
      ['ada', 'ada'],
    )
  })

  it('is of the user served longest ago, then in the order of asking', () => {
    const served = new Map([
      ['ada', 7],
      ['bob', 6],
    ])
    const [first, second] = [page('bob'), page('bob')]
    assert.equal(nextJob([page('ada'), first, second], [], served, 2), first)
  })

  it('is, of one user, the one that somebody waits for', () => {
    const asked = links('ada')
    assert.equal(nextJob([page('ada'), asked], [], none, 2), asked)
  })

  it('is none of a user who has their share', () => {
    assert.equal(nextJob([page('ada')], [page('ada'), page('ada')], none, 2), undefined)
  })
})

describe('a user whose pages take for ever', () => {
  it('keeps nobody else from reading theirs', async () => {
    await using stack = new AsyncDisposableStack()
    const pool = createExtractionPool({ timeoutMs: 600_000, memoryMegabytes: 64 })
    stack.defer(() => pool.close())
    const read = (html: string) =>
      pool.convert({
        bytes: Buffer.from(html),
        mediaType: 'text/html',
        charset: null,
        url: 'https://site.example/',
      })
    const endless = Array.from({ length: 4 }, () =>
      onBehalfOf('ada', () => read('<b><p>'.repeat(100_000))),
    )
    const lost = Promise.allSettled(endless)
    const { title } = await onBehalfOf('bob', () => read('<title>Fine</title><p>Some text.</p>'))
    assert.equal(title, 'Fine')
    await pool.close()
    const reasons = (await lost).map((one) => one.status)
    assert.deepEqual(reasons, ['rejected', 'rejected', 'rejected', 'rejected'])
  })
})
