import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ResolveHost } from '../../../src/sources/fetch/fetch-agent.ts'
import { isPublicAddress } from '../../../src/sources/fetch/public-address.ts'
import { guarded } from '../../support/guarded.ts'
import { startSite } from '../../support/site.ts'

/** IANA's special-purpose address registries, multicast, and what was never handed out: first and last of each. */
const special: readonly (readonly [string, string])[] = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.31.196.0', '192.31.196.255'],
  ['192.52.193.0', '192.52.193.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['192.175.48.0', '192.175.48.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '239.255.255.255'],
  ['240.0.0.0', '255.255.255.255'],
  ['::', '::ffff:ffff'],
  ['::ffff:0.0.0.0', '::ffff:255.255.255.255'],
  ['::ffff:0:0.0.0.0', '::ffff:0:255.255.255.255'],
  ['64:ff9b::', '64:ff9b::ffff:ffff'],
  ['64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
  ['100::', '100::ffff:ffff:ffff:ffff'],
  ['100:0:0:1::', '100:0:0:1:ffff:ffff:ffff:ffff'],
  ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['4000::', '5eff::1'],
  ['5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fe80::1%eth0', 'fe80::1%2'],
  ['fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['x', ''],
]

/** What stands beside those blocks is the public internet. */
const beside = [
  ...['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ...['128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.0'],
  ...['192.0.3.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0'],
  ...['168.63.129.15', '168.63.129.17', '199.36.153.3', '199.36.153.12', '161.25.255.255'],
  ...['161.27.0.0', '166.7.255.255', '166.12.0.0', '2600:2d00:2:1001::', '2600:2d00:2:2001::'],
  ...['198.51.99.255', '203.0.114.0', '223.255.255.255', '2001:200::1', '2001:db7::1', '2003::1'],
]

/** What clouds answer at inside of their networks: machine configuration with credentials, DNS, time, licences. */
const cloudServices: Readonly<Record<string, readonly string[]>> = {
  'Alibaba configuration': ['100.100.100.200'],
  'Alibaba DNS': ['100.100.2.136', '100.100.2.138'],
  'AWS configuration': ['169.254.169.254', 'fd00:ec2::254'],
  'AWS DNS': ['169.254.169.253', 'fd00:ec2::253'],
  'AWS licences': ['169.254.169.249', '169.254.169.250', '169.254.169.251', 'fd00:ec2::240'],
  'AWS credentials of containers': ['169.254.170.2', '169.254.170.23', 'fd00:ec2::23'],
  'AWS time': ['169.254.169.123', 'fd00:ec2::123'],
  'Azure configuration': ['169.254.169.254'],
  'Azure wire server': ['168.63.129.16'],
  'DigitalOcean configuration': ['169.254.169.254'],
  'Fly DNS': ['fdaa::3'],
  'Google configuration': ['169.254.169.254', 'fd20:ce::254'],
  'Google restricted interfaces': ['199.36.153.4', '199.36.153.7', '2600:2d00:2:1000::'],
  'Google private interfaces': ['199.36.153.8', '199.36.153.11', '2600:2d00:2:2000::1'],
  'IBM DNS and time': ['161.26.0.0', '161.26.0.6', '161.26.0.10', '161.26.255.255'],
  'IBM service endpoints': ['166.8.0.0', '166.9.0.1', '166.11.255.255'],
  'Linode configuration': ['169.254.169.254', 'fd00:a9fe:a9fe::1'],
  'OpenStack configuration': ['169.254.169.254', 'fe80::a9fe:a9fe'],
  'Oracle configuration': ['192.0.0.192', '169.254.169.254', 'fd00:c1::a9fe:a9fe'],
  'Scaleway configuration': ['169.254.42.42', 'fd00:42::42'],
  'Tencent configuration': ['169.254.0.23'],
}

/** An IPv4 address in the clothes of IPv6: as mapped, as compatible, as translated by NAT64, as 6to4. */
const carried = (address: string): string[] => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  return [
    ...[`::ffff:${address}`, `::ffff:${hex}`, `::ffff:0:${hex}`, `::${hex}`],
    ...[`64:ff9b::${address}`, `64:ff9b:1::${hex}`, `2002:${hex}::1`, `2002:${hex}:a9fe::`],
    `2001:0:${hex}::`,
  ]
}

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
  ...['0177.0.0.1', '0x7f.0x0.0x0.0x1', '127.000.000.001', '127.0.0.1..', '0x0', '0.0.0.0'],
  ...[
    '１２７.0.0.1',
    '127．0．0．1',
    '127｡0｡0｡1',
    '%e2%91%a0%e2%91%a1%e2%91%a6.1',
    '0251.0376.0251.0376',
  ],
  ...[
    '2852039166',
    '0xa9fea9fe',
    '[::ffff:a9fe:a9fe]',
    '[2001:0:7f00:1::]',
    '[fec0::1]',
    '[5f00::1]',
  ],
  ...['[::ffff:0:127.0.0.1]', '[64:ff9b:1::1]', '100.100.100.200', '198.18.0.1', '240.0.0.1'],
  ...['[2002:7f00:1::]', 'localhost', 'LOCALHOST', 'localhost.', 'foo.localhost', 'ⓛocalhost'],
  ...[
    'intranet',
    'printer.local',
    'metadata.google.internal',
    '169.254.169.254',
    '[fd00:ec2::254]',
    '168.63.129.16',
    '[::ffff:168.63.129.16]',
    '2822734096',
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
  it('are refused from the first to the last of every special block', () => {
    assert.deepEqual(special.flat().filter(isPublicAddress), [])
  })

  for (const [service, addresses] of Object.entries(cloudServices)) {
    it(`are refused where a cloud answers its machines: ${service}`, () => {
      const forms = addresses.flatMap((address) =>
        address.includes(':') ? [address] : [address, ...carried(address)],
      )
      assert.deepEqual(forms.filter(isPublicAddress), [])
    })
  }

  it('leave the public internet open', () => {
    const open = ['1.1.1.1', '8.8.8.8', '93.184.216.34', '2606:4700::1111', '2a00:1450:4001::200e']
    assert.deepEqual([...open, ...beside].filter(isPublicAddress), [...open, ...beside])
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

  for (const host of [
    '[fe80::1%25eth0]',
    '[fe80::1%eth0]',
    '[::1',
    '127.0.0.1:80:80',
    '1.2.3.4.5',
  ]) {
    it(`are no address at all when written ${host}`, async () => {
      await using fetch = guarded()
      await assert.rejects(fetch.fetch({ url: `http://${host}/` }), { reason: 'BAD_URL' })
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
