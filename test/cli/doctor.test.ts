import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { doctor } from '../../src/cli/doctor.ts'
import { startTestApp } from '../support/app.ts'
import { backedUp } from '../support/backed-up.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { emptyDatabase, freshDatabase } from '../support/database.ts'

async function examine(settings: Record<string, string>, options: Record<string, boolean> = {}) {
  const terminal = rememberingTerminal()
  const code = await doctor.run(cliCall(terminal, { SERVER_PORT: '9', ...settings }, { options }))
  return { code, out: terminal.out() }
}

describe('nova doctor', () => {
  it('finds nothing broken on a migrated database', async () => {
    await using fresh = await freshDatabase()
    const { code, out } = await examine({ DATABASE_URL: fresh.url })
    assert.equal(code, 0, out)
    assert.match(out, /✓ url +PostgreSQL at .*, PostgreSQL \d+/)
    assert.match(out, /✓ migrations +up to date/)
    assert.match(out, /✓ roles +nova_app and nova_projector/)
    assert.match(out, /✓ articles +generation 1, live, \d+ behind/)
    assert.match(out, /Nothing is broken\./)
  })

  it('examines the server when it is asked to, and only then', async () => {
    await using fresh = await freshDatabase()
    const asked = await examine({ DATABASE_URL: fresh.url }, { db: true })
    assert.equal(asked.code, 0, asked.out)
    assert.match(asked.out, /^Database server\n {2}[✓!] connections +\d+ of \d+ taken/m)
    assert.doesNotMatch((await examine({ DATABASE_URL: fresh.url })).out, /Database server/)
    const gone = await examine({ DATABASE_URL: 'postgres://user@127.0.0.1:9/nova' }, { db: true })
    assert.equal(gone.code, 1)
  })

  it('names pending migrations without applying them', async () => {
    await using empty = await emptyDatabase()
    const first = await examine({ DATABASE_URL: empty.url })
    assert.match(first.out, /! migrations +\d+ pending \(20261127000100-roles/)
    assert.equal((await examine({ DATABASE_URL: empty.url })).out, first.out)
  })

  it('says that a proxy on the way is not counted', async () => {
    await using fresh = await freshDatabase()
    await using app = await startTestApp()
    const origin = await app.listen()
    const proxy = createServer((request, response) => {
      const headers = { 'x-forwarded-for': '192.0.2.1' }
      void fetch(origin + request.url, { headers })
        .then((answer) => answer.text())
        .then((text) => response.end(text))
    })
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening))
    try {
      const { port } = proxy.address() as AddressInfo
      const settings = { DATABASE_URL: fresh.url, SERVER_URL: `http://127.0.0.1:${port}` }
      const { code, out } = await examine(settings)
      assert.equal(code, 0, out)
      assert.match(out, /! server +ready at .*NOVA_TRUSTED_PROXIES is 0/)
    } finally {
      proxy.close()
      proxy.closeAllConnections()
    }
  })

  it('says how old the backups are, and that a hole in the archive breaks them', async () => {
    await using w = await backedUp()
    const settings = { NOVA_DATA_DIR: join(w.folder, 'data'), NOVA_BACKUP_DIR: w.backups }
    const backups = async () => {
      const { code, out } = await examine(settings)
      return `${code} ${/^ +(. backups .*)$/m.exec(out)?.[1] ?? ''}`
    }
    assert.match(await backups(), /^0 ! backups +none yet/)
    await w.backup()
    assert.match(await backups(), /^0 ✓ backups +\d{8}T\d{6}Z, 0\.0 hours old; the log is archived/)
    // A file beyond the next one, which is not there.
    writeFileSync(join(w.backups, 'wal', '0000000100000000000000FF'), '')
    assert.match(await backups(), /^1 ✗ backups +The archive of the log has a hole: 0{7}1/)
    const { out } = await examine({ NOVA_DATA_DIR: join(w.folder, 'data') })
    assert.match(out, /· backups +none; NOVA_BACKUP_DIR/)
  })

  it('answers code 1 when the database does not', async () => {
    const { code, out } = await examine({ DATABASE_URL: 'postgres://user:hush@127.0.0.1:9/nova' })
    assert.equal(code, 1)
    assert.match(out, /✗ url/)
    assert.match(out, /1 broken: url\./)
    assert.doesNotMatch(out, /hush/)
  })

  it('says a projection that halted, and where', async () => {
    await using fresh = await freshDatabase()
    await fresh.database.owner.query(
      `update nova.projections set failed_position = 7, failure = 'cannot fold' where name = 'usage'`,
    )
    const { code, out } = await examine({ DATABASE_URL: fresh.url })
    assert.equal(code, 1)
    assert.match(out, /✗ usage +halted at event 7: cannot fold/)
  })

  it('says what each missing key would add, and shows none that is set', async () => {
    await using fresh = await freshDatabase()
    const missing = await examine({ DATABASE_URL: fresh.url })
    assert.match(
      missing.out,
      /· NOVA_RENDER_URL … +pages that show their text only with JavaScript/,
    )
    const key = 'fc-0123456789'
    const set = await examine({ DATABASE_URL: fresh.url, FIRECRAWL_API_KEY: key })
    assert.match(set.out, /✓ FIRECRAWL_API_KEY +pages that need JavaScript/)
    assert.ok(!set.out.includes(key))
  })

  it('says which search provider was named and cannot be used', async () => {
    await using fresh = await freshDatabase()
    const { code, out } = await examine({ DATABASE_URL: fresh.url, NOVA_SEARCH: 'perplexity' })
    assert.equal(code, 1)
    assert.match(out, /✗ NOVA_SEARCH +NOVA_SEARCH names perplexity, which needs PPLX_API_KEY/)
  })
})
