import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ResolveHost } from '../../../src/sources/fetch/fetch-agent.ts'
import { isPublicAddress } from '../../../src/sources/fetch/public-address.ts'
import { guarded } from '../../support/guarded.ts'
import { startSite } from '../../support/site.ts'

const refused = [
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '100.127.255.254', '127.0.0.1', '127.8.8.8'],
  ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1', '192.88.99.1'],
  ...['192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.7', '203.0.113.9', '224.0.0.1'],
  ...[
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
  ],
  ...['::ffff:8.8.8.8', '::ffff:0:1.2.3.4', '64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1'],
  ...['100::1', '2001::1', '2001:2::1', '2001:10::1', '2001:db8::1', '2002:7f00:1::', '3fff::1'],
  ...[
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'x',
    '',
  ],
]

const spellings = [
  ...['127.0.0.1', '127.1', '127.0.1', '0x7f.1', '0x7f000001', '017700000001', '2130706433', '0'],
  ...[
    '127.0.0.1.',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '%31%32%37.0.0.1',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
  ],
  ...['[::ffff:7f00:1]', '[0:0:0:0:0:ffff:7f00:0001]', '[::127.0.0.1]', '[64:ff9b::127.0.0.1]'],
  ...['[2002:7f00:1::]', 'localhost', 'LOCALHOST', 'localhost.', 'foo.localhost', 'ⓛocalhost'],
  ...[
    'intranet',
    'printer.local',
    'metadata.google.internal',
    '169.254.169.254',
    '[fd00:ec2::254]',
  ],
]

const answers =
  (names: Record<string, string[]>): ResolveHost =>
  (host, done) =>
    done(
      null,
      (names[host] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

describe('addresses that are not public', () => {
  it('are refused in every range', () => {
    assert.deepEqual(refused.filter(isPublicAddress), [])
  })

  it('leave the public internet open', () => {
    const open = ['1.1.1.1', '8.8.8.8', '93.184.216.34', '2606:4700::1111', '2a00:1450:4001::200e']
    assert.deepEqual(open.filter(isPublicAddress), open)
  })

  for (const host of spellings) {
    it(`are refused when written ${host}`, async () => {
      await using site = await startSite({ '/': 'secret' })
      await using fetch = guarded()
      const request = fetch.fetch({ url: `http://${host}:${site.port}/` })
      await assert.rejects(request, { reason: 'BLOCKED_ADDRESS' })
      assert.deepEqual(site.requests, [])
    })
  }

  it('are refused behind a name, also when only one of its answers is private', async () => {
    await using site = await startSite({ '/': 'secret' })
    const resolve = answers({
      'rebind.example': ['127.0.0.1'],
      'mixed.example': ['93.184.216.34', '127.0.0.1'],
      'six.example': ['::ffff:127.0.0.1'],
      'nat.example': ['64:ff9b::7f00:1'],
    })
    await using fetch = guarded({ resolve })
    for (const host of ['rebind', 'mixed', 'six', 'nat']) {
      const request = fetch.fetch({
        url: `http://${host}.example:${site.port}/`,
        obeyRobots: false,
      })
      await assert.rejects(request, { reason: 'BLOCKED_ADDRESS' })
    }
    assert.deepEqual(site.requests, [])
  })

  it('are refused at the dial even when an earlier answer for the name was public', async () => {
    await using site = await startSite({ '/': 'secret' })
    let asked = 0
    const resolve: ResolveHost = (_host, done) => {
      asked += 1
      done(null, [{ address: '127.0.0.1', family: 4 }])
    }
    await using fetch = guarded({ resolve, retryBaseMs: 1 })
    const request = fetch.fetch({ url: `http://rebind.example:${site.port}/`, obeyRobots: false })
    await assert.rejects(request, { reason: 'BLOCKED_ADDRESS' })
    assert.equal(asked, 1)
    assert.deepEqual(site.requests, [])
  })

  it('are refused as the target of a redirect', async () => {
    await using inner = await startSite({ '/secret': 'secret' })
    await using outer = await startSite({
      '/': { status: 302, headers: { location: `${inner.origin}/secret` } },
    })
    await using fetch = guarded({ allow: [outer.allow('outer.example')] })
    await assert.rejects(fetch.fetch({ url: 'http://outer.example/' }), {
      reason: 'BLOCKED_ADDRESS',
    })
    assert.deepEqual(inner.requests, [])
  })
})

describe('an exception of the operator', () => {
  it('opens exactly its host and port', async () => {
    await using site = await startSite({ '/': 'open' })
    await using other = await startSite({ '/': 'closed' })
    await using fetch = guarded({ allow: [{ host: '127.0.0.1', port: site.port }] })
    const answer = await fetch.fetch({ url: `${site.origin}/` })
    assert.equal(new TextDecoder().decode(answer.bytes), 'open')
    for (const url of [`${other.origin}/`, `http://localhost:${site.port}/`]) {
      await assert.rejects(fetch.fetch({ url }), { reason: 'BLOCKED_ADDRESS' })
    }
    assert.deepEqual(other.requests, [])
  })

  it('dials the address it names and keeps the name in the request', async () => {
    let host: string | undefined
    await using site = await startSite({
      '/page': (request, response) => {
        host = request.headers.host
        response.end('hello')
      },
    })
    await using fetch = guarded({ allow: [site.allow('handbook.example')] })
    const answer = await fetch.fetch({ url: 'http://handbook.example/page' })
    assert.equal(answer.url, 'http://handbook.example/page')
    assert.equal(host, 'handbook.example')
  })
})

describe('addresses that are no web address', () => {
  for (const url of [
    'ftp://a.example/',
    'file:///etc/passwd',
    'data:text/html,x',
    'nonsense',
    '',
  ]) {
    it(`refuses ${url || 'nothing'}`, async () => {
      await using fetch = guarded()
      await assert.rejects(fetch.fetch({ url }), { reason: 'BAD_URL' })
    })
  }

  it('refuses credentials in the address', async () => {
    await using fetch = guarded()
    await assert.rejects(fetch.fetch({ url: 'https://a:b@a.example/' }), { reason: 'BAD_URL' })
  })

  for (const port of [22, 25, 6379, 5432, 6667]) {
    it(`refuses port ${port}`, async () => {
      await using fetch = guarded()
      const request = fetch.fetch({ url: `http://a.example:${port}/` })
      await assert.rejects(request, { reason: 'BLOCKED_ADDRESS' })
    })
  }
})
