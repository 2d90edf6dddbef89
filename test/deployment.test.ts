import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { parseConfig, settingNames } from '../src/config.ts'
import { checkBinding } from '../src/http/server/check-binding.ts'

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
  'NOVA_BACKUP_HOURS',
  'NOVA_BACKUP_DAYS',
  'SERVER_PORT',
  'NOVA_METRICS_PORT',
  'PORT',
  'NOVA_CONFORMANCE_FIXTURES',
])

/** What the Dockerfile copies, with the program linked from elsewhere as on the path of the image. */
function filesOfTheImage() {
  const folder = mkdtempSync(join(tmpdir(), 'nova-image-'))
  for (const [, sources = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const source of sources.split(' ')) {
      cpSync(join(root, source), join(folder, source), { recursive: true })
    }
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const nova = join(folder, 'nova')
  symlinkSync(join(folder, 'bin/nova.mjs'), nova)
  return { nova, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

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

  it('holds no secret of its own that guards the server, and asks for none to stop it', () => {
    for (const name of ['NOVA_ACCESS_TOKEN', 'NOVA_LINK_SECRET']) {
      assert.match(compose, new RegExp(`^ {6}${name}: \\$\\{${name}:-\\}$`, 'm'))
    }
    // `${NAME?…}` is demanded by every command, `down` and `logs` as well.
    assert.doesNotMatch(compose, /\$\{[A-Z_]+:?\?/)
    const parsed = parseConfig({
      SERVER_HOST: '0.0.0.0',
      NOVA_ACCESS_TOKEN: '',
      NOVA_LINK_SECRET: '',
    })
    assert.ok(parsed.ok)
    assert.throws(() => checkBinding(parsed.config), { code: 'BIND_REFUSED' })
  })

  it('gives the server no right that it does not need', () => {
    const [, nova = ''] = compose.split(/^ {2}nova:$/m)
    for (const line of [
      'read_only: true',
      'cap_drop: [ALL]',
      'security_opt: ["no-new-privileges:true"]',
      'pids_limit: 256',
    ]) {
      assert.ok(nova.includes(`\n    ${line}\n`), line)
    }
  })

  it('takes no database for ready that only its image is preparing', () => {
    assert.match(compose, /pg_isready -h 127\.0\.0\.1 /)
  })
})

describe('the workflow', () => {
  it('makes its secrets where it runs, in a form that the server takes', () => {
    const workflow = read('.github/workflows/ci.yml')
    assert.doesNotMatch(workflow, /^ +NOVA_\w+: /m)
    for (const name of ['NOVA_ACCESS_TOKEN', 'NOVA_LINK_SECRET']) {
      assert.ok(workflow.includes(`echo "${name}=$(openssl rand -hex 32)" >> "$GITHUB_ENV"`), name)
      assert.ok(parseConfig({ [name]: '0123456789abcdef'.repeat(4) }).ok)
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

  it('has everything that it copies, and `nova` on its path', () => {
    const ignored = read('.dockerignore')
    for (const [, sources = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
      for (const source of sources.split(' ')) {
        assert.ok(ignored.includes(`\n!${source}\n`), `let ${source} through .dockerignore`)
      }
    }
    assert.match(dockerfile, /^RUN ln -s \/app\/bin\/nova\.mjs \/usr\/local\/bin\/nova$/m)
    assert.ok(statSync(join(root, 'bin/nova.mjs')).mode & 0o111)
  })

  it('answers as `nova`, and says that the example of the demo is not part of it', async () => {
    using image = filesOfTheImage()
    const run = async (...words: string[]) => {
      const child = spawn(image.nova, words, { stdio: ['ignore', 'pipe', 'pipe'] })
      const [out, err, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'exit'),
      ])
      return { out, err, code }
    }
    assert.match((await run('version')).out, /^nova \d/)
    const demo = await run('demo')
    assert.deepEqual([demo.code, demo.out], [2, ''])
    assert.match(demo.err, /not part of this installation/)
    assert.doesNotMatch(demo.err, /at .*:\d+:\d+/)
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
