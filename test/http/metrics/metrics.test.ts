import assert from 'node:assert/strict'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { compose, type Role } from '../../../src/compose/compose.ts'
import { parseConfig } from '../../../src/config.ts'
import { makeBackupFolder } from '../../../src/store/backups/backup-folder.ts'
import { freshDatabase } from '../../support/database.ts'
import { connectClient } from '../../support/mcp-clients.ts'
import { ownCluster } from '../../support/own-cluster.ts'
import { until } from '../../support/until.ts'

const token = 'a-token-that-reads-figures-and-nothing-else'
const root = join(import.meta.dirname, '../../..')

async function nova(url: string, environment: Record<string, string>, role: Role = 'all') {
  const parsed = parseConfig({
    DATABASE_URL: url,
    SERVER_PORT: '0',
    NOVA_LINK_SECRET: 'k'.repeat(32),
    ...environment,
  })
  assert.ok(parsed.ok)
  const composed = await compose(parsed.config, { log: pino({ level: 'silent' }), role })
  return { ...composed, [Symbol.asyncDispose]: composed.close }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function temporaryBackups() {
  const path = mkdtempSync(join(tmpdir(), 'nova-metrics-'))
  makeBackupFolder(path)
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

const read = (url: string, bearer?: string) =>
  fetch(`${url}/metrics`, bearer ? { headers: { authorization: `Bearer ${bearer}` } } : {})

/** The sum of all series of that name whose labels hold this text. */
function figure(text: string, name: string, label = ''): number {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return lines
    .filter((line) => line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

/** Names that Prometheus may ask for; of a histogram also those of its parts. */
function namesIn(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )
}

describe('/metrics', () => {
  it('counts requests, tools, refusals and appends, and names no user', async () => {
    await using db = await freshDatabase()
    await using server = await nova(db.url, {
      NOVA_METRICS_TOKEN: token,
      MONTHLY_TOOL_CALL_LIMIT: '1',
    })
    const { url, mcpUrl } = await server.listen()
    const client = await connectClient('auto', new URL(mcpUrl), {})
    await client.ok('list_articles')
    const refused = await client.call('list_articles')
    assert.equal(refused.refusal.code, 'QUOTA_EXCEEDED')
    await client[Symbol.asyncDispose]()
    await fetch(`${url}/nothing-here`)
    const answer = await read(url, token)
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    const text = await answer.text()
    const counted = (name: string, label: string) => figure(text, name, label)
    assert.ok(counted('nova_http_request_duration_seconds_count', 'route="/mcp",status="200"') >= 2)
    const done = 'tool="list_articles",outcome="done"'
    assert.equal(counted('nova_tool_duration_seconds_count', done), 1)
    assert.equal(counted('nova_refusals_total', 'code="QUOTA_EXCEEDED"'), 1)
    assert.equal(counted('nova_refusals_total', 'code="ROUTE_NOT_FOUND"'), 1)
    assert.ok(counted('nova_events_appended_total', '') >= 1)
    assert.equal(counted('nova_up', ''), 1)
    assert.ok(counted('nova_db_connections', '') >= 1)
    assert.ok(counted('nova_db_connections_max', '') > counted('nova_db_connections', ''))
    assert.ok(counted('nova_pool_connections', 'pool="app"') >= 1)
    assert.equal(counted('nova_projection_stopped', 'projection="usage"'), 0)
    assert.match(text, /^nova_projection_lag_positions\{projection="usage"\} \d+$/m)
    const ours = text.split('\n').filter((line) => line.startsWith('nova_'))
    const labels = new Set(ours.flatMap((line) => line.match(/\w+(?==")/g) ?? []))
    const known =
      'code le method outcome pool projection queue replica route service state status tool version'
    assert.deepEqual(
      [...labels].filter((label) => !known.split(' ').includes(label)),
      [],
    )
    assert.doesNotMatch(text, /"local"/)
  })

  it('is there for its token only, and not at all when nobody asked for it', async () => {
    await using db = await freshDatabase()
    {
      await using server = await nova(db.url, { NOVA_METRICS_TOKEN: token }, 'web')
      const { url } = await server.listen()
      for (const bearer of [undefined, 'another', `${token} `.repeat(2).trim()]) {
        const answer = await read(url, bearer)
        assert.equal(answer.status, 401)
        assert.doesNotMatch(await answer.text(), /nova_/)
      }
    }
    await using silent = await nova(db.url, {}, 'web')
    assert.equal((await read((await silent.listen()).url, token)).status, 404)
  })

  it('has a port of its own for a process that only works, and none beyond loopback without a token', async () => {
    await using db = await freshDatabase()
    const port = await freePort()
    await using worker = await nova(db.url, { NOVA_METRICS_PORT: String(port) }, 'worker')
    const answer = await read(`http://127.0.0.1:${port}`)
    assert.equal(answer.status, 200)
    assert.equal(figure(await answer.text(), 'nova_up'), 1)
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404)
    assert.ok(worker.database)
    await assert.rejects(nova(db.url, { NOVA_METRICS_PORT: String(port) }, 'web'), {
      code: 'PORT_IN_USE',
    })
    const open = { SERVER_HOST: '0.0.0.0', NOVA_ACCESS_TOKEN: 't'.repeat(32) }
    await assert.rejects(nova(db.url, { ...open, NOVA_METRICS_PORT: '0' }, 'web'), {
      code: 'CONFIG_INVALID',
      message: /needs NOVA_METRICS_TOKEN/,
    })
  })

  it('says that the database is silent, and goes on counting', async () => {
    await using cluster = await ownCluster()
    await using server = await nova(cluster.url(), { NOVA_METRICS_TOKEN: token }, 'web')
    const { url } = await server.listen()
    assert.equal(figure(await (await read(url, token)).text(), 'nova_up'), 1)
    await cluster.kill()
    let text = ''
    await until(async () => {
      text = await (await read(url, token)).text()
      return figure(text, 'nova_up') === 0
    }, 'the figures to say that the database is gone')
    assert.ok(figure(text, 'nova_http_request_duration_seconds_count', '/metrics') >= 1)
    assert.match(text, /^process_resident_memory_bytes \d/m)
  })
})

describe('deploy/monitoring', () => {
  const file = (name: string) => readFileSync(join(root, 'deploy/monitoring', name), 'utf8')
  const dashboard = JSON.parse(file('dashboard.json')) as {
    panels: { title: string; targets: { expr: string }[] }[]
  }
  const alerts = file('alerts.yml')
  const names = [...alerts.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name = '']) => name)

  it('names only figures that are exported, in every panel and every alert', async () => {
    await using db = await freshDatabase()
    using backups = temporaryBackups()
    const settings = { NOVA_METRICS_TOKEN: token, NOVA_BACKUP_DIR: backups.path }
    await using server = await nova(db.url, settings, 'web')
    const text = await (await read((await server.listen()).url, token)).text()
    const exported = namesIn(text)
    const expressions = [
      ...dashboard.panels.flatMap(({ title, targets }) =>
        targets.map(({ expr }) => ({ where: title, expr })),
      ),
      ...alerts
        .split(/^ +- alert: /m)
        .slice(1)
        .map((rule) => ({
          where: rule.split('\n')[0] ?? '',
          expr: /expr:([\s\S]*?)\n +(?:for|labels):/.exec(rule)?.[1] ?? '',
        })),
    ]
    assert.ok(expressions.length > 40)
    for (const { where, expr } of expressions) {
      const used = expr.match(/\b(nova|process|nodejs)_\w+/g) ?? []
      assert.ok(used.length > 0 || /\bup\{/.test(expr), `${where} asks for nothing`)
      for (const name of used) assert.ok(exported.has(name), `${where}: ${name} is not exported`)
    }
    const shown = expressions.map(({ expr }) => expr).join('\n')
    const ours = [...exported].filter((name) => /^nova_/.test(name) && !name.endsWith('_sum'))
    assert.deepEqual(
      ours.filter((name) => !shown.includes(name)),
      [],
      'show them somewhere',
    )
  })

  it('has a runbook for each alert, and a test that each fires and that each is silent', () => {
    assert.ok(names.length >= 5)
    const runbooks = readFileSync(join(root, 'docs/runbooks.md'), 'utf8')
    const sections = [...runbooks.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)
    assert.deepEqual(sections.toSorted(), names.toSorted())
    const tests = file('alerts.test.yml')
    for (const name of names) {
      assert.match(alerts, new RegExp(`runbook: docs/runbooks\\.md#${name.toLowerCase()}$`, 'm'))
      assert.match(tests, new RegExp(`alertname: ${name}, exp_alerts: \\[\\]`), `${name} is silent`)
      assert.match(tests, new RegExp(`alertname: ${name}\\n +exp_alerts:\\n`), `${name} fires`)
    }
    assert.deepEqual(globSync('*', { cwd: join(root, 'deploy/monitoring') }).toSorted(), [
      'alerts.test.yml',
      'alerts.yml',
      'dashboard.json',
    ])
  })
})
