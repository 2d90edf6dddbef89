import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type ChooseInput, chooseSources } from '../../../src/research/judging/choose-sources.ts'
import type { LanguageModelPort } from '../../../src/research/models/model-port.ts'
import { candidate, guidelineText, offTopic } from '../../support/found-candidates.ts'
import { brokenModel, scriptedModel } from '../../support/scripted-model.ts'

const choose = (more: Partial<ChooseInput>, model: LanguageModelPort | null = null) =>
  chooseSources(
    {
      guidelineText,
      sources: [1, 2, 3, 4].map((number) => candidate(number)),
      alreadyScraped: [],
      max: 2,
      signal: new AbortController().signal,
      ...more,
    },
    model,
  )

const numbers = ({ chosen }: { chosen: { source: number }[] }) => chosen.map(({ source }) => source)

describe('choosing the sources to read in full', () => {
  it('takes the best by score, at most as many as asked for, with reasons', async () => {
    const sources = [candidate(1, offTopic), candidate(2), candidate(3), candidate(4)]
    const choice = await choose({ sources })
    assert.deepEqual(numbers(choice), [2, 3])
    assert.match(choice.chosen[0]?.reason ?? '', /^Place 1 by score 0\.\d\d/)
    assert.equal(choice.by, 'heuristic')
  })

  it('spreads over hosts and queries', async () => {
    const same = { url: 'https://one.example/a', query: 'event sourcing PostgreSQL' }
    const choice = await choose({
      sources: [
        candidate(1, same),
        candidate(2, { ...same, url: 'https://one.example/b' }),
        candidate(3, { query: 'PostgreSQL projections event' }),
      ],
    })
    assert.deepEqual(numbers(choice), [1, 3])
  })

  it('spreads over hosts also when each page was found by a query of its own', async () => {
    const choice = await choose({
      sources: [
        candidate(1, { url: 'https://one.example/a', query: 'event sourcing PostgreSQL' }),
        candidate(2, { url: 'https://one.example/b', query: 'PostgreSQL event sourcing' }),
        candidate(3, { url: 'https://other.example/c', query: 'sourcing PostgreSQL event' }),
      ],
    })
    assert.deepEqual(numbers(choice), [1, 3])
  })

  it('spreads over queries also when each page is of a host of its own', async () => {
    const query = 'event sourcing PostgreSQL'
    const choice = await choose({
      sources: [
        candidate(1, { query }),
        candidate(2, { query }),
        candidate(3, { query: 'PostgreSQL event sourcing' }),
      ],
    })
    assert.deepEqual(numbers(choice), [1, 3])
  })

  it('leaves out videos by exact host and counts them', async () => {
    const choice = await choose({
      max: 5,
      sources: [
        candidate(1, { url: 'https://youtu.be/dQw4w9WgXcQ' }),
        candidate(2, { url: 'https://m.youtube.com/watch?v=dQw4w9WgXcQ' }),
        candidate(3, { url: 'https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ' }),
      ],
    })
    assert.deepEqual(choice.skipped.youtube, [1, 2])
    assert.deepEqual(numbers(choice), [3])
  })

  it('leaves out what was read before, however it is spelled', async () => {
    const choice = await choose({
      sources: [candidate(1, { url: 'http://a.example/page?utm_source=x#top' }), candidate(2)],
      alreadyScraped: ['https://a.example/page'],
    })
    assert.deepEqual(choice.skipped.alreadyScraped, [1])
    assert.deepEqual(numbers(choice), [2])
  })

  it('a model can name kept sources only: other numbers and repetitions do not count', async () => {
    const said = [7, 3, 3, 1, 2, -1].map((source) => ({ source, reason: `Because ${source}.` }))
    const choice = await choose(
      {},
      scriptedModel(() => ({ chosen: said })),
    )
    assert.deepEqual(choice.chosen, [
      { source: 3, reason: 'Because 3.' },
      { source: 1, reason: 'Because 1.' },
    ])
    assert.equal(choice.by, 'model')
  })

  it('the scorer chooses when the model fails or names none, and the note says so', async () => {
    const byScore = numbers(await choose({}))
    const failed = await choose({}, brokenModel())
    assert.deepEqual(numbers(failed), byScore)
    assert.match(failed.note ?? '', /^The scorer chose because the language model/)
    const none = await choose(
      {},
      scriptedModel(() => ({ chosen: [{ source: 9, reason: '' }] })),
    )
    assert.deepEqual(numbers(none), byScore)
    assert.match(none.note ?? '', /named none of the kept sources/)
  })

  it('without a kept source nothing is chosen and no model is asked', async () => {
    const model = brokenModel()
    assert.deepEqual(await choose({ sources: [] }, model), {
      chosen: [],
      skipped: { youtube: [], alreadyScraped: [] },
      by: 'heuristic',
      note: null,
    })
  })

  it('chooses distinct kept numbers within the limit, whatever the model says', async () => {
    const said = fc.array(
      fc.record({ source: fc.integer({ min: -2, max: 9 }), reason: fc.string() }),
    )
    await fc.assert(
      fc.asyncProperty(said, fc.integer({ min: 1, max: 6 }), async (chosen, max) => {
        const picked = numbers(
          await choose(
            { max },
            scriptedModel(() => ({ chosen })),
          ),
        )
        assert.ok(picked.length >= 1 && picked.length <= max)
        assert.equal(new Set(picked).size, picked.length)
        for (const number of picked) assert.ok(number >= 1 && number <= 4)
      }),
      { numRuns: 60 },
    )
  })

  it('counts a video that was read before as a video, and only so', async () => {
    const url = 'https://youtu.be/dQw4w9WgXcQ'
    const choice = await choose({ sources: [candidate(1, { url })], alreadyScraped: [url] })
    assert.deepEqual(choice.skipped, { youtube: [1], alreadyScraped: [] })
  })

  it('leaves out what was read under another spelling than it has now', async () => {
    const choice = await choose({
      sources: [candidate(1, { url: 'https://a.example/page' }), candidate(2)],
      alreadyScraped: ['http://a.example/page?utm_source=x#top'],
    })
    assert.deepEqual(choice.skipped.alreadyScraped, [1])
  })

  it('passes on what is no failure of the model: a stop, or a bug', async () => {
    const stop = new Error('the server stops')
    const model = scriptedModel(() => {
      throw stop
    })
    await assert.rejects(choose({}, model), stop)
  })

  it('shows the model the hundred best, and it can name no other', async () => {
    const worst = 150
    const sources = Array.from({ length: worst }, (_, n) =>
      candidate(n + 1, n + 1 === worst ? offTopic : {}),
    )
    const model = scriptedModel(() => ({
      chosen: [worst, 1].map((source) => ({ source, reason: 'x' })),
    }))
    assert.deepEqual(numbers(await choose({ sources, max: 5 }, model)), [1])
    const shown = model.requests[0]?.prompt.match(/^Source \d+:$/gm) ?? []
    assert.equal(shown.length, 100)
  })

  it('keeps a reason to one line of 400 characters, and says when none was given', async () => {
    const reasons = ['x'.repeat(1000), ' \n']
    const model = scriptedModel(() => ({
      chosen: reasons.map((reason, n) => ({ source: n + 1, reason })),
    }))
    const [long, none] = (await choose({}, model)).chosen
    assert.equal(long?.reason.length, 400)
    assert.equal(none?.reason, 'No reason given.')
  })
})
