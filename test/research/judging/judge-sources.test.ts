import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { judgeSources } from '../../../src/research/judging/judge-sources.ts'
import type { FoundCandidate } from '../../../src/research/judging/score-sources.ts'
import { ModelFailure } from '../../../src/research/models/model-failure.ts'
import type { LanguageModelPort } from '../../../src/research/models/model-port.ts'
import { candidate, guidelineText, offTopic } from '../../support/found-candidates.ts'
import { brokenModel, scriptedModel } from '../../support/scripted-model.ts'

const judge = (sources: FoundCandidate[], model: LanguageModelPort | null = null) =>
  judgeSources({ guidelineText, sources, signal: new AbortController().signal }, model)

const keptNumbers = async (sources: FoundCandidate[]) =>
  (await judge(sources)).decisions.filter(({ keep }) => keep).map(({ source }) => source)

describe('judging sources by score', () => {
  it('keeps what is on the topic, rejects what is not, and says why', async () => {
    const { decisions, by, note } = await judge([candidate(1), candidate(2, offTopic)])
    assert.equal(by, 'heuristic')
    assert.equal(note, null)
    assert.deepEqual(
      decisions.map(({ source, keep }) => [source, keep]),
      [
        [1, true],
        [2, false],
      ],
    )
    assert.match(decisions[0]?.reason ?? '', /^Speaks of .*event.*score 0\.\d\d: relevance/)
    assert.match(decisions[1]?.reason ?? '', /^Shares too little with the guideline/)
  })

  it('keeps what speaks of one section of the outline, however unlike the rest it is', async () => {
    const { decisions } = await judge([
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => candidate(number)),
      candidate(9, {
        title: 'Rebuilding a table while people read it',
        snippet: 'How to exchange read models and keep downtime at zero.',
        query: 'rebuild',
      }),
    ])
    assert.equal(decisions[8]?.keep, true, decisions[8]?.reason)
  })

  it('counts for nothing what frames the outline', async () => {
    const { decisions } = await judgeSources(
      {
        guidelineText:
          '## Audience\n\nEngineers who read about gardening, salads and tomato recipes.\n\n## Section 1 - Event stores\n\n- appending\n\n## Section 2 - Projections\n\n- rebuilding\n',
        sources: [
          candidate(1, { query: 'event stores' }),
          candidate(2, { ...offTopic, query: 'event stores' }),
        ],
        signal: new AbortController().signal,
      },
      null,
    )
    assert.deepEqual(
      decisions.map(({ keep }) => keep),
      [true, false],
    )
    assert.match(decisions[1]?.reason ?? '', /relevance 0\.00/)
  })

  it('keeps nothing when nothing is relevant', async () => {
    const sources = [1, 2, 3].map((number) =>
      candidate(number, { ...offTopic, url: `https://food${number}.example/` }),
    )
    assert.deepEqual(await keptNumbers(sources), [])
  })

  it('keeps one of several spellings of a page, and names it', async () => {
    const { decisions } = await judge([
      candidate(1, { url: 'https://a.example/page?utm_source=mail' }),
      candidate(2, { url: 'http://a.example/page#part', title: 'Event store on PostgreSQL again' }),
      candidate(3, { url: 'https://b.example/x', title: 'Event stores' }),
      candidate(4, { url: 'https://b.example/y', title: 'Event Stores' }),
    ])
    assert.deepEqual(
      decisions.map(({ keep }) => keep),
      [true, false, true, false],
    )
    assert.equal(decisions[1]?.reason, 'Repeats source 1.')
    assert.equal(decisions[3]?.reason, 'Repeats source 3.')
  })

  it('keeps at most three pages of an ordinary host', async () => {
    const sources = Array.from({ length: 6 }, (_, n) =>
      candidate(n + 1, { url: `https://www.one.example/${n}`, title: `Event store ${n}` }),
    )
    assert.deepEqual(await keptNumbers(sources), [1, 2, 3])
  })

  it('prefers a standards body to a social network, and the newer of two equals', async () => {
    const { decisions } = await judge([
      candidate(1, { url: 'https://www.facebook.com/post', snippet: 'Event store.' }),
      candidate(2, { url: 'https://arxiv.org/abs/2501.00001', snippet: 'Event store.' }),
    ])
    const score = (n: number) => Number(/score (\d\.\d\d)/.exec(decisions[n]?.reason ?? '')?.[1])
    assert.ok(score(1) > score(0))
    const dated = await judge([candidate(1, { published_at: '2010-01-01' }), candidate(2)])
    assert.match(dated.decisions[0]?.reason ?? '', /freshness 0\.00/)
    assert.match(dated.decisions[1]?.reason ?? '', /freshness 1\.00/)
  })

  it('rejects what is about the topic but old and of the least authority', async () => {
    const { decisions } = await judge([
      candidate(1),
      candidate(2, {
        url: 'https://www.facebook.com/post',
        title: 'Our weekend',
        snippet: 'An event by the lake, and the store.',
        query: 'event sourcing PostgreSQL',
        published_at: '2010-01-01',
      }),
    ])
    assert.match(decisions[1]?.reason ?? '', /^Scores too low \(score 0\.[0-3]/)
    const relevance = Number(/relevance (\d\.\d\d)/.exec(decisions[1]?.reason ?? '')?.[1])
    assert.ok(relevance >= 0.22, `${relevance} would be too little by itself`)
  })

  it('keeps a cited page that shows no words of its own, but not an uncited one', async () => {
    const silent = { title: 'silent.example', url: 'https://silent.example/', snippet: null }
    assert.deepEqual(await keptNumbers([candidate(1, { ...silent, cited: true })]), [1])
    assert.deepEqual(await keptNumbers([candidate(1, silent)]), [])
  })

  it('keeps pages of one title at two hosts: the title alone makes no repetition', async () => {
    const title = 'Event store'
    assert.deepEqual(await keptNumbers([candidate(1, { title }), candidate(2, { title })]), [1, 2])
  })

  it('names at most five of the words that a page shares', async () => {
    const { decisions } = await judge([
      candidate(1, { title: guidelineText, query: guidelineText.replace(/\W+/g, ' ') }),
    ])
    const words = /^Speaks of (.*) \(score/.exec(decisions[0]?.reason ?? '')?.[1]?.split(', ')
    assert.equal(words?.length, 5)
  })
})

describe('judging sources with a model', () => {
  const verdict = (source: number, keep: boolean, reason = 'As I see it.') => ({
    source,
    keep,
    reason,
  })

  it('takes the decisions of the model, "none" included', async () => {
    const model = scriptedModel(() => ({ decisions: [verdict(1, false), verdict(2, false)] }))
    assert.deepEqual(await judge([candidate(1), candidate(2)], model), {
      decisions: [verdict(1, false), verdict(2, false)],
      by: 'model',
      note: null,
    })
  })

  it('ignores numbers it did not ask about, and the scorer decides on those left out', async () => {
    const model = scriptedModel(() => ({
      decisions: [verdict(99, true), verdict(1, false), verdict(1, true), verdict(-1, true)],
    }))
    const { decisions, by, note } = await judge([candidate(1), candidate(2, offTopic)], model)
    assert.equal(by, 'model')
    assert.deepEqual(
      decisions.map(({ source, keep }) => [source, keep]),
      [
        [1, false],
        [2, false],
      ],
    )
    assert.equal(note, 'The scorer decided on 1 of 2 sources because the model left them out.')
  })

  it('a failed judgement keeps nothing by itself: the scorer decides, and the note says so', async () => {
    const sources = [candidate(1), candidate(2, offTopic)]
    const judged = await judge(sources, brokenModel())
    assert.deepEqual(judged.decisions, (await judge(sources)).decisions)
    assert.equal(judged.by, 'heuristic')
    assert.match(
      judged.note ?? '',
      /^The scorer decided on 2 of 2 sources because the language model/,
    )
  })

  it('one failed request among several costs only its own sources', async () => {
    const sources = Array.from({ length: 120 }, (_, n) => candidate(n + 1))
    const model = scriptedModel(({ prompt }, call) => {
      if (call === 2) throw new ModelFailure('TIMEOUT')
      const numbers = [...prompt.matchAll(/^Source (\d+):$/gm)].map((match) => Number(match[1]))
      return { decisions: numbers.map((number) => verdict(number, false)) }
    })
    const { decisions, note } = await judge(sources, model)
    assert.equal(model.requests.length, 3)
    assert.equal(decisions.filter(({ reason }) => reason === 'As I see it.').length, 70)
    assert.match(note ?? '', /decided on 50 of 120 .* did not answer in time\.$/)
  })

  it('decides on every source exactly once with a reason, whatever the model says', async () => {
    const number = fc.oneof(fc.integer({ min: -2, max: 12 }), fc.double())
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 10 })),
        fc.array(fc.record({ source: number, keep: fc.boolean(), reason: fc.string() })),
        fc.boolean(),
        async (numbers, said, breaks) => {
          const model = breaks ? brokenModel() : scriptedModel(() => ({ decisions: said }))
          const { decisions } = await judge(
            numbers.map((each) => candidate(each)),
            model,
          )
          assert.deepEqual(
            decisions.map(({ source }) => source),
            [...numbers].sort((a, b) => a - b),
          )
          for (const { reason } of decisions)
            assert.ok(reason.trim() !== '' && reason.length <= 400)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('passes on what is no failure of the model: a stop, or a bug', async () => {
    const stop = new Error('the server stops')
    const model = scriptedModel(() => {
      throw stop
    })
    await assert.rejects(judge([candidate(1)], model), stop)
  })
})
