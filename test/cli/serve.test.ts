import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freshDatabase } from '../support/database.ts'
import { startNova } from '../support/nova-process.ts'

const linkSecret = 'a key of the tests that opens nothing else'

describe('nova serve', () => {
  it('prints the lines that add it to each client, and stops in good order', async () => {
    await using fresh = await freshDatabase()
    const settings = { DATABASE_URL: fresh.url, NOVA_LINK_SECRET: linkSecret }
    await using nova = startNova(['serve', '-p', '0'], settings)
    const [, mcpUrl = ''] = await nova.printed(/MCP +(\S+)\n/)
    await nova.printed(/Ctrl-C/)
    const url = mcpUrl.replace(/\/mcp$/, '')
    for (const line of [
      `Start here   ${url}`,
      `claude mcp add --transport http nova ${mcpUrl}`,
      `"nova": {\n          "url": "${mcpUrl}"`,
      `code --add-mcp '{"name":"nova","type":"http","url":"${mcpUrl}"}'`,
    ]) {
      assert.ok(nova.output().includes(line), line)
    }
    assert.equal((await fetch(`${url}/readyz`)).status, 200)
    nova.signal('SIGTERM')
    assert.equal(await nova.ended, 0)
  })

  it('says that its port is in use', async () => {
    await using fresh = await freshDatabase()
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const settings = { DATABASE_URL: fresh.url, NOVA_LINK_SECRET: linkSecret }
    await using nova = startNova(['serve', '--port', String(port)], settings)
    assert.equal(await nova.ended, 1)
    assert.equal(
      nova.output(),
      `nova: Port ${port} is in use by another program. [PORT_IN_USE]\n  Stop that program, or set SERVER_PORT to another port.\n`,
    )
    taken.close()
  })

  it('names an address that it cannot listen on', async () => {
    await using fresh = await freshDatabase()
    const settings = {
      DATABASE_URL: fresh.url,
      NOVA_LINK_SECRET: linkSecret,
      NOVA_ACCESS_TOKEN: 'a-token-of-the-tests-that-opens-nothing-else',
    }
    await using nova = startNova(['serve', '--host', '192.0.2.1', '-p', '8321'], settings)
    assert.equal(await nova.ended, 1)
    assert.match(nova.output(), /cannot listen on 192\.0\.2\.1, port 8321: .*\[ADDRESS_UNUSABLE\]/)
  })

  it('names a data folder that it cannot use, and the setting', async () => {
    await using fresh = await freshDatabase()
    const folder = await mkdtemp(join(tmpdir(), 'nova-data-'))
    const file = join(folder, 'file')
    await writeFile(file, '')
    const data = join(file, 'data')
    for (const database of [{ DATABASE_URL: fresh.url }, { NOVA_LINK_SECRET: linkSecret }]) {
      await using nova = startNova(['serve'], { NOVA_DATA_DIR: data, ...database })
      assert.equal(await nova.ended, 1)
      assert.match(nova.output(), /folder \S+\/file\/data cannot be used: .*\[DATA_DIR_UNUSABLE\]/)
      assert.match(nova.output(), /Set NOVA_DATA_DIR/)
    }
    await rm(folder, { recursive: true })
  })

  it('keeps its data in one folder wherever it is started, says which, and reads .env there', async () => {
    const home = await mkdtemp(join(tmpdir(), 'nova-home-'))
    const data = join(home, 'nova')
    await mkdir(data)
    await writeFile(join(data, '.env'), 'NOVA_DB_POOL=6\nSERVER_PORT=0\n')
    await using fresh = await freshDatabase()
    const settings = { XDG_DATA_HOME: home, DATABASE_URL: fresh.url }
    const start = async (cwd: string) => {
      await using nova = startNova(['serve'], settings, cwd)
      const [, said] = await nova.printed(/Data {9}(\S+)\n/)
      await nova.printed(/Ctrl-C/)
      nova.signal('SIGTERM')
      assert.equal(await nova.ended, 0, nova.output())
      return { said, key: await readFile(join(data, 'link-key'), 'utf8') }
    }
    const here = await start(home)
    assert.equal(here.said, data)
    assert.deepEqual(await start(tmpdir()), here)
    await rm(home, { recursive: true })
  })

  it('points out the folder of an earlier version, as nova mcp does', async () => {
    const home = await mkdtemp(join(tmpdir(), 'nova-home-'))
    await mkdir(join(home, '.nova', 'postgres'), { recursive: true })
    await using fresh = await freshDatabase()
    const settings = { XDG_DATA_HOME: home, DATABASE_URL: fresh.url, SERVER_PORT: '0' }
    const note = `Note: ${home}/.nova holds data of an earlier start and is not used; to go on with it, set NOVA_DATA_DIR=${home}/.nova\n`
    for (const command of ['serve', 'mcp']) {
      await using nova = startNova([command], settings, home)
      await nova.printed(new RegExp(`Data:? +${home}/nova\n`))
      if (command === 'serve') {
        await nova.printed(/Ctrl-C/)
        nova.signal('SIGTERM')
      }
      assert.equal(await nova.ended, 0, nova.output())
      assert.equal(nova.output().split(note).length, 2, nova.output())
    }
    const going = { ...settings, NOVA_DATA_DIR: join(home, '.nova') }
    await using nova = startNova(['mcp'], going, home)
    assert.equal(await nova.ended, 0)
    assert.doesNotMatch(nova.output(), /Note/)
    await rm(home, { recursive: true })
  })

  it('keeps a database in a deep folder of any name, and beside a long temporary folder', async () => {
    const home = await mkdtemp(join(tmpdir(), 'nova-home-'))
    await chmod(home, 0o755)
    const long = join(home, 't'.repeat(180))
    await mkdir(long)
    const deep = join(home, 'mit Leerzeichen', 'ä 日本 "\'$x', 'x'.repeat(200), 'y'.repeat(200))
    const settings = { NOVA_DATA_DIR: deep, TMPDIR: long, NOVA_LINK_SECRET: linkSecret }
    await using nova = startNova(['serve', '--port', '0'], settings)
    await nova.printed(/Ctrl-C/)
    nova.signal('SIGTERM')
    assert.equal(await nova.ended, 0, nova.output())
    assert.ok(!existsSync(join(deep, 'postgres', 'postmaster.pid')), 'PostgreSQL has stopped')

    const deeper = join(deep, ...Array.from({ length: 4 }, () => 'z'.repeat(200)))
    await using refused = startNova(['serve'], { ...settings, NOVA_DATA_DIR: deeper })
    assert.equal(await refused.ended, 1)
    assert.match(refused.output(), /more than 900 bytes\. \[EMBEDDED_DATABASE_FAILED\]/)
    await rm(home, { recursive: true })
  })

  it('says what the machine refused of any other command, and calls it no bug', async () => {
    await using nova = startNova(['demo'], { TMPDIR: '/dev/null' })
    assert.equal(await nova.ended, 1)
    assert.match(nova.output(), /refused \/dev\/null\S+: .* no folder\. \[SYSTEM_REFUSED\]/)
  })

  it('refuses to be public without authentication, and says what to set', async () => {
    await using nova = startNova(['serve', '--host', '0.0.0.0'], {})
    assert.equal(await nova.ended, 1)
    assert.match(
      nova.output(),
      /only listens on loopback, not on 0\.0\.0\.0\. \[BIND_REFUSED\]\n {2}Set NOVA_AUTH_ISSUER/,
    )
  })

  it('reads .env of its folder, below the environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nova-env-'))
    await writeFile(join(folder, '.env'), 'SERVER_HOST=0.0.0.0\nMONTHLY_TOOL_CALL_LIMIT=many\n')
    await using nova = startNova(['serve'], { MONTHLY_TOOL_CALL_LIMIT: '5' }, folder)
    assert.equal(await nova.ended, 1)
    assert.match(nova.output(), /not on 0\.0\.0\.0/)
    await rm(folder, { recursive: true })
  })
})
