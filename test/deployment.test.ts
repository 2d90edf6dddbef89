import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { settingNames } from '../src/config.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const compose = read('docker-compose.yml')
const dockerfile = read('Dockerfile')

/** Settings that the compose file decides by itself, or that make no sense in its container. */
const notHandedOn = new Set([
  'CLOUD_SQL_INSTANCE',
  'DB_USER',
  'DB_PASS',
  'DB_NAME',
  'NOVA_CLOUD_SQL_IP',
  'NOVA_CLOUD_SQL_API',
  'NOVA_DATA_DIR',
  'NOVA_BACKUP_DIR',
  'NOVA_BACKUP_DAYS',
  'SERVER_PORT',
  'NOVA_METRICS_PORT',
  'PORT',
  'NOVA_CONFORMANCE_FIXTURES',
])

describe('docker-compose.yml', () => {
  it('hands every setting on to the server, from the environment or .env', () => {
    const handed = [...compose.matchAll(/^ {6}([A-Z][A-Z_]+): /gm)].map(([, name]) => name)
    const missing = settingNames.filter((name) => !notHandedOn.has(name) && !handed.includes(name))
    assert.deepEqual(missing, [], 'add them to the environment of the nova service')
    const unknown = handed.filter(
      (name) => name && !name.startsWith('POSTGRES_') && !settingNames.includes(name),
    )
    assert.deepEqual(unknown, [], 'no such setting in src/config.ts')
  })

  it('publishes no port beyond this machine', () => {
    const ports = [...compose.matchAll(/^ {6}- "(.*:\d+)"$/gm)].map(([, port]) => port)
    assert.equal(ports.length, 2)
    for (const port of ports) assert.match(port ?? '', /^127\.0\.0\.1:/)
  })

  it('holds no secret of its own that guards the server', () => {
    for (const name of ['NOVA_ACCESS_TOKEN', 'NOVA_LINK_SECRET']) {
      assert.match(compose, new RegExp(`^ {6}${name}: \\$\\{${name}:?\\?`, 'm'))
    }
  })
})

describe('the image', () => {
  it('runs on the major version of Node that the sources need', () => {
    const { devDependencies } = JSON.parse(read('package.json'))
    const major = /(\d+)\./.exec(devDependencies.node)?.[1]
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    assert.equal(bases.length, 2)
    for (const base of bases) assert.equal(base, `node:${major}-bookworm-slim`)
  })

  it('runs as an ordinary user', () => {
    assert.match(dockerfile, /^USER node$/m)
  })

  it('is healthy exactly when /readyz says so', async () => {
    const [, command = ''] = /^ {2}CMD (\[.*\])$/m.exec(dockerfile) ?? []
    const [, ...args]: string[] = JSON.parse(command)
    let status = 200
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/readyz' ? status : 404).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const probe = async () => {
      const child = spawn(process.execPath, args, { env: { PORT: String(port) }, stdio: 'ignore' })
      const [code] = await once(child, 'exit')
      return code
    }
    assert.equal(await probe(), 0)
    status = 503
    assert.equal(await probe(), 1)
    server.close()
    await once(server, 'close')
    assert.equal(await probe(), 1)
  })
})

describe('package-lock.json', () => {
  it('names the packages of every platform, without which npm ci refuses', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>
    }
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
    )
    assert.deepEqual(missing, [], 'npm leaves out what a registry did not offer: write them out')
  })
})
