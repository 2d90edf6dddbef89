import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSearch } from '../../../src/research/search/create-search.ts'
import {
  SearchFailure,
  type SearchFailureReason,
} from '../../../src/research/search/search-failure.ts'
import type { SearchAnswer, SearchProvider } from '../../../src/research/search/search-provider.ts'

const answerOf = (provider: string, urls: string[]): SearchAnswer => ({
  provider,
  answer: null,
  sources: urls.map((url) => ({
    url,
    title: url,
    snippet: null,
    published_at: null,
    cited: false,
  })),
})

/** A provider whose next outcomes are written down; the last one repeats. */
function scripted(name: string, ...outcomes: (SearchFailureReason | string[] | Error)[]) {
  const provider: SearchProvider & { calls: number } = {
    name,
    calls: 0,
    search: async () => {
      const outcome = outcomes[Math.min(provider.calls, outcomes.length - 1)]
      provider.calls += 1
      if (outcome instanceof Error) throw outcome
      if (Array.isArray(outcome)) return answerOf(name, outcome)
      throw new SearchFailure(outcome ?? 'UNAVAILABLE', name)
    },
  }
  return provider
}

const found = ['https://a.example/']
const options = { limit: 5, signal: new AbortController().signal }
const reasonIs = (reason: SearchFailureReason) => (error: unknown) =>
  error instanceof SearchFailure && error.reason === reason

describe('several search providers as one', () => {
  it('the next provider answers when the first fails, in the given order', async () => {
    const first = scripted('first', 'UNAVAILABLE')
    const search = createSearch([first, scripted('second', found)], { now: () => 0 })
    assert.equal((await search.search('q', options)).provider, 'second')
    assert.equal(first.calls, 1)
  })

  it('an empty answer lets the next provider try, and is given when nobody knows more', async () => {
    const both = createSearch([scripted('a', []), scripted('b', found)], { now: () => 0 })
    assert.equal((await both.search('q', options)).provider, 'b')
    const none = createSearch([scripted('a', []), scripted('b', 'TIMEOUT')], { now: () => 0 })
    assert.deepEqual(await none.search('q', options), answerOf('a', []))
  })

  it('the failure of the best provider is the one reported', async () => {
    const search = createSearch([scripted('a', 'UNAUTHORIZED'), scripted('b', 'TIMEOUT')], {
      now: () => 0,
    })
    await assert.rejects(search.search('q', options), reasonIs('UNAUTHORIZED'))
  })

  it('no provider at all is NOT_CONFIGURED', async () => {
    await assert.rejects(
      createSearch([], { now: () => 0 }).search('q', options),
      reasonIs('NOT_CONFIGURED'),
    )
  })

  it('a bug in a provider is thrown, not hidden behind the next provider', async () => {
    const search = createSearch([scripted('a', new Error('bug')), scripted('b', found)], {
      now: () => 0,
    })
    await assert.rejects(search.search('q', options), /bug/)
  })

  it('an aborted caller is not failed over', async () => {
    const leaving = new AbortController()
    leaving.abort(new Error('gone'))
    const second = scripted('b', found)
    const search = createSearch([scripted('a', 'TIMEOUT'), second], { now: () => 0 })
    await assert.rejects(search.search('q', { limit: 5, signal: leaving.signal }), /gone/)
    assert.equal(second.calls, 0)
  })
})

describe('the circuit breaker', () => {
  it('stops asking after three failures and asks once again after the pause', async () => {
    let now = 0
    const bad = scripted('bad', 'UNAVAILABLE', 'TIMEOUT', 'BAD_ANSWER', 'UNAVAILABLE', found)
    const search = createSearch([bad, scripted('good', found)], { now: () => now, pauseMs: 1_000 })
    for (let n = 0; n < 6; n++) await search.search('q', options)
    assert.equal(bad.calls, 3)
    now = 1_000
    await search.search('q', options)
    await search.search('q', options)
    assert.equal(bad.calls, 4, 'one trial fails and the pause begins anew')
    now = 2_000
    assert.equal((await search.search('q', options)).provider, 'bad')
    assert.equal((await search.search('q', options)).provider, 'bad')
  })

  it('a limit or a refused key stops the asking at once', async () => {
    for (const reason of ['RATE_LIMITED', 'UNAUTHORIZED'] as const) {
      const bad = scripted('bad', reason)
      const search = createSearch([bad, scripted('good', found)], { now: () => 0 })
      await search.search('q', options)
      await search.search('q', options)
      assert.equal(bad.calls, 1)
    }
  })

  it('only one of many concurrent callers tries a paused provider', async () => {
    let now = 0
    const bad = scripted('bad', 'RATE_LIMITED')
    const search = createSearch([bad, scripted('good', found)], { now: () => now, pauseMs: 10 })
    await search.search('q', options)
    now = 10
    await Promise.all(Array.from({ length: 8 }, () => search.search('q', options)))
    assert.equal(bad.calls, 2)
  })

  it('when every provider is paused the search says so instead of hanging', async () => {
    const search = createSearch([scripted('bad', 'RATE_LIMITED')], { now: () => 0 })
    await assert.rejects(search.search('q', options), reasonIs('RATE_LIMITED'))
    await assert.rejects(search.search('q', options), reasonIs('UNAVAILABLE'))
  })
})
