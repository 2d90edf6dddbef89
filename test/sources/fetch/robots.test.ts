import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRobots } from '../../../src/sources/fetch/robots.ts'
import { robotsRules } from '../../../src/sources/fetch/robots-rules.ts'
import { guarded } from '../../support/guarded.ts'
import { type Route, startSite } from '../../support/site.ts'

const agent = 'NovaResearch/0.1 (+https://nova.example)'

/** The paths of these that the file allows us. */
const allowed = (file: string, ...paths: string[]) => {
  const rules = robotsRules('https://site.example', file, agent)
  return paths.filter((path) => rules.allows(new URL(path, 'https://site.example')))
}

describe('robots.txt', () => {
  it('speaks to us by our own name before it speaks to all', () => {
    const file = 'User-agent: *\nDisallow: /\n\nUser-agent: novaresearch\nDisallow: /private'
    assert.deepEqual(allowed(file, '/', '/private/x', '/page'), ['/', '/page'])
  })

  it('ignores what is said to others, also when they share a group', () => {
    const file =
      'User-agent: OtherBot\nUser-agent: Third\nDisallow: /\n\nUser-agent: *\nDisallow: /a'
    assert.deepEqual(allowed(file, '/a', '/b'), ['/b'])
    const others = 'User-agent: OtherBot\nDisallow: /'
    assert.equal(robotsRules('https://site.example', others, agent).hasRules, false)
  })

  it('lets the longest rule win, allow before disallow', () => {
    const file = 'User-agent: *\nDisallow: /docs\nAllow: /docs/open\nDisallow: /*.pdf$'
    assert.deepEqual(allowed(file, '/docs/x', '/docs/open/y', '/a.pdf', '/a.pdf?x'), [
      '/docs/open/y',
      '/a.pdf?x',
    ])
  })

  it('sees one path behind several spellings', () => {
    const file = 'User-agent: *\nDisallow: /%70rivate\nDisallow: /tilde/~me'
    assert.deepEqual(allowed(file, '/private', '/%70rivate', '/%50rivate', '/tilde/%7Eme'), [
      '/%50rivate',
    ])
  })

  it('may ask for a pause between pages, within reason', () => {
    const delay = (file: string) => robotsRules('https://site.example', file, agent).crawlDelayMs
    assert.equal(delay('User-agent: *\nCrawl-delay: 2\nDisallow: /x'), 2000)
    assert.equal(delay('User-agent: *\nCrawl-delay: 86400'), 10_000)
    assert.equal(delay('User-agent: *\nCrawl-delay: -5'), 0)
    assert.equal(delay('User-agent: OtherBot\nCrawl-delay: 5'), 0)
  })

  it('costs little however hostile it is', () => {
    const agents = Array.from({ length: 20_000 }, (_, n) => `User-agent: bot${n}`).join('\n')
    const rules = 'Disallow: /*a*a*a*a*a*a*a*a\n'.repeat(15_000)
    assert.deepEqual(allowed(`${agents}\n${rules}`, '/x'), ['/x'])
    assert.deepEqual(allowed(`User-agent: *\n${rules}`, `/${'b'.repeat(4000)}`).length, 1)
  })

  it('is obeyed for the page and for every redirect', async () => {
    await using site = await startSite({
      '/robots.txt': 'User-agent: *\nDisallow: /closed',
      '/open': 'x',
      '/closed': 'x',
      '/detour': { status: 302, headers: { location: '/closed' } },
    })
    await using fetch = guarded({ allow: [site.allow('site.example')] })
    const get = (path: string) => fetch.fetch({ url: `http://site.example${path}` })
    assert.equal((await get('/open')).robots, 'allowed')
    await assert.rejects(get('/closed'), { reason: 'ROBOTS_DISALLOWED' })
    await assert.rejects(get('/detour'), { reason: 'ROBOTS_DISALLOWED' })
    assert.equal(site.count('/closed'), 0)
    assert.equal(site.count('/robots.txt'), 1)
  })

  it('spaces the pages of its host as it asks', async () => {
    await using site = await startSite({
      '/robots.txt': 'User-agent: *\nCrawl-delay: 1\nDisallow: /closed',
      '/a': 'x',
      '/b': 'x',
    })
    await using fetch = guarded({ allow: [site.allow('site.example')] })
    const began = performance.now()
    for (const path of ['/a', '/b']) await fetch.fetch({ url: `http://site.example${path}` })
    assert.ok(performance.now() - began >= 1000, 'the second page waits for a second')
  })

  it('that a server failed to give is asked for again after a minute', async (t) => {
    let answer = 503
    await using site = await startSite({
      '/robots.txt': (_request, response) => void response.writeHead(answer).end(),
      '/': 'x',
    })
    await using fetch = guarded({ allow: [site.allow('site.example')] })
    const get = () => fetch.fetch({ url: 'http://site.example/' })
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    await assert.rejects(get(), { reason: 'ROBOTS_DISALLOWED' })
    const asked = site.count('/robots.txt')
    answer = 404
    await assert.rejects(get(), { reason: 'ROBOTS_DISALLOWED' })
    assert.equal(site.count('/robots.txt'), asked, 'asked again at once')
    t.mock.timers.tick(61_000)
    assert.equal((await get()).status, 200)
  })

  it('is read again after half a day, and once until then', async (t) => {
    let rules = 'User-agent: *\nDisallow: /'
    await using site = await startSite({
      '/robots.txt': (_request, response) => void response.end(rules),
      '/': 'x',
    })
    await using fetch = guarded({ allow: [site.allow('site.example')] })
    const get = () => fetch.fetch({ url: 'http://site.example/' })
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    await assert.rejects(get(), { reason: 'ROBOTS_DISALLOWED' })
    rules = ''
    t.mock.timers.tick(11 * 3_600_000)
    await assert.rejects(get(), { reason: 'ROBOTS_DISALLOWED' })
    t.mock.timers.tick(2 * 3_600_000)
    assert.equal((await get()).status, 200)
    assert.equal(site.count('/robots.txt'), 2)
  })

  it('is kept for a thousand hosts', async () => {
    const read: string[] = []
    const robots = createRobots(async (url) => {
      read.push(url)
      return { status: 404, text: '' }
    }, agent)
    for (let n = 0; n <= 1000; n++) await robots(new URL(`https://host${n}.example/`))
    await robots(new URL('https://host1000.example/'))
    assert.equal(read.length, 1001)
    await robots(new URL('https://host0.example/'))
    assert.equal(read.length, 1002, 'the oldest made room')
  })

  it('is not asked for an API that the operator configured', async () => {
    await using site = await startSite({ '/robots.txt': 'User-agent: *\nDisallow: /', '/api': 'x' })
    await using fetch = guarded({ allow: [site.allow('api.example')] })
    const answer = await fetch.fetch({ url: 'http://api.example/api', obeyRobots: false })
    assert.equal(answer.robots, 'not-asked')
    assert.equal(site.count('/robots.txt'), 0)
  })

  const outcomes: [string, Route, string][] = [
    ['allows all when it is missing', { status: 404 }, 'no-rules'],
    ['allows all when it may not be read', { status: 403 }, 'no-rules'],
    ['forbids all when the server fails', { status: 500 }, 'ROBOTS_DISALLOWED'],
    ['is asked for later when the server says so', { status: 429 }, 'RATE_LIMITED'],
    ['fails as the page would when the host breaks off', (r) => r.socket.destroy(), 'CONNECTION'],
    [
      'allows all behind endless redirects',
      { status: 302, headers: { location: '/robots.txt' } },
      'no-rules',
    ],
    ['says nothing when it is a web page', '<!doctype html><title>Shop</title>', 'no-rules'],
  ]
  for (const [claim, route, outcome] of outcomes) {
    it(claim, async () => {
      await using site = await startSite({ '/robots.txt': route, '/': 'x' })
      await using fetch = guarded({ allow: [site.allow('site.example')] })
      const result = await fetch
        .fetch({ url: 'http://site.example/' })
        .then(({ robots }) => robots as string)
        .catch((error) => error.reason)
      assert.equal(result, outcome)
    })
  }

  it('is obeyed to its 512,000th byte, and not read further', async () => {
    const head = 'User-agent: *\n'
    const near = '\nDisallow: /near\n'
    const file = `${head}#${'x'.repeat(512_000 - head.length - 1 - near.length)}${near}Disallow: /far\n`
    await using site = await startSite({ '/robots.txt': file, '/near': 'x', '/far': 'x' })
    await using fetch = guarded({ allow: [site.allow('site.example')] })
    const get = (path: string) => fetch.fetch({ url: `http://site.example${path}` })
    await assert.rejects(get('/near'), { reason: 'ROBOTS_DISALLOWED' })
    assert.equal((await get('/far')).status, 200)
  })
})
