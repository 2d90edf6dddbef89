import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { createHostTurns } from '../../../src/sources/fetch/host-turns.ts'
import { guardedSite as world } from '../../support/guarded.ts'
import type { Route } from '../../support/site.ts'

describe('turns', () => {
  it('on a host that asked for later do not hold up other hosts', async () => {
    const turns = createHostTurns({ concurrency: 2, perHost: 2 })
    const caller = new AbortController()
    turns.holdOff('busy.example', 3_600_000)
    // A later answer that asks for less does not take that back.
    turns.holdOff('busy.example', 0)
    const order: string[] = []
    const busy = turns.take('busy.example', caller.signal).then(() => order.push('busy'))
    const end = await turns.take('free.example', caller.signal)
    order.push('free')
    end()
    caller.abort()
    await assert.rejects(busy)
    assert.deepEqual(order, ['free'])
  })

  it('count in all, whatever the host', async () => {
    const turns = createHostTurns({ concurrency: 1, perHost: 5 })
    const { signal } = new AbortController()
    const order: string[] = []
    const endFirst = await turns.take('a.example', signal)
    const second = turns.take(null, signal).then((end) => {
      order.push('second')
      end()
    })
    order.push('first')
    endFirst()
    endFirst()
    await second
    await turns.take('c.example', signal)
    const fourth = turns.take('d.example', signal).then(() => order.push('fourth'))
    await Promise.race([fourth, Promise.resolve()])
    assert.deepEqual(order, ['first', 'second'])
  })

  it('keep the requests in flight within the limit per host', async () => {
    const held: ServerResponse[] = []
    const arrivals = new EventEmitter()
    const hold: Route = (_request, response) => {
      held.push(response)
      arrivals.emit('one')
    }
    const paths = Array.from({ length: 6 }, (_, n) => `/${n}`)
    const routes = Object.fromEntries(paths.map((path) => [path, hold]))
    await using w = await world({ ...routes, '/probe': 'x' }, { perHost: 2 })
    const all = Promise.all(paths.map((path) => w.get(path)))
    while (held.length < 2) await once(arrivals, 'one')
    // A request that takes no turn of the host goes to the server and back: a third page would be there.
    for (const _ of paths) await w.get('/probe', { obeyRobots: false })
    const arrived = held.length
    assert.equal(arrived, 2)
    for (let done = 0; done < paths.length; done += 1) {
      if (held.length === 0) await once(arrivals, 'one')
      held.shift()?.end('x')
    }
    await all
  })

  it('on a host wait for as long as it asked for', async () => {
    const busy: Route = { status: 429, headers: { 'retry-after': '1' } }
    await using w = await world({ '/busy': busy, '/other': 'x', '/robots.txt': '' })
    const began = performance.now()
    assert.equal((await w.get('/busy', { retries: 0 })).status, 429)
    assert.equal((await w.get('/other')).status, 200)
    assert.ok(performance.now() - began >= 1000)
  })

  it('are given back when a stream is left', async () => {
    await using w = await world({ '/': { body: new Uint8Array(500_000) } }, { perHost: 1 })
    const { stream } = await w.fetch.openStream({ url: 'http://site.example/' })
    await stream.cancel()
    assert.equal((await w.get('/')).status, 200)
  })

  it('are given back when the caller gives up', async () => {
    await using w = await world(
      { '/never': () => undefined, '/fine': 'x', '/robots.txt': '' },
      { perHost: 1, concurrency: 1 },
    )
    await w.get('/fine')
    const caller = new AbortController()
    const stuck = w.get('/never', { signal: caller.signal })
    const next = w.get('/fine')
    caller.abort()
    await assert.rejects(stuck, { reason: 'CANCELLED' })
    assert.equal((await next).status, 200)
  })
})
