import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import checksums from '../../src/store/database/checksums.json' with { type: 'json' }
import { emptyDatabase } from '../support/database.ts'
import { connectClient } from '../support/mcp-clients.ts'
import { startNova } from '../support/nova-process.ts'
import { until } from '../support/until.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const admission = 'src/store/sql/usage/admit-call.sql'
/** What calls it. */
const joining = 'src/store/sql/usage/join-admission.sql'

/** A second checkout, one release on: a column more, and an admission with another signature and name. */
function nextRelease() {
  const path = mkdtempSync(join(tmpdir(), 'nova-next-'))
  for (const part of ['src', 'migrations', 'bin', 'package.json']) {
    cpSync(join(repository, part), join(path, part), { recursive: true })
  }
  symlinkSync(join(repository, 'node_modules'), join(path, 'node_modules'))
  const edit = (file: string, change: (text: string) => string, as = file) => {
    const before = readFileSync(join(path, file), 'utf8')
    const after = change(before)
    assert.notEqual(after, before, `${file} has changed`)
    writeFileSync(join(path, as), after)
  }
  const revision = checksums.sql.revision + 1
  edit('src/store/database/checksums.json', (text) =>
    text.replace(/"revision": \d+/, `"revision": ${revision}`),
  )
  const rename = (text: string) =>
    text
      .replace('nova.admit_call(', 'nova.admit_call_2(')
      .replace('p_metadata jsonb\n)', 'p_metadata jsonb,\n  p_since timestamptz default now()\n)')
  edit(admission, rename, admission.replace('.sql', '-2.sql'))
  rmSync(join(path, admission))
  edit(joining, (text) =>
    text
      .replace('nova.join_admission(', 'nova.join_admission_2(')
      .replace('nova.admit_call(', 'nova.admit_call_2('),
  )
  const caller = 'src/store/usage/admission.ts'
  edit(caller, (text) =>
    text
      .replace('nova.join_admission(', 'nova.join_admission_2(')
      .replace("joins: 'admission'", "joins: 'admission_2'"),
  )
  writeFileSync(
    join(path, 'migrations/20991231000000-plan-notes.sql'),
    '-- Up Migration\n\nalter table nova.plans_g1 add column note text;\n\n' +
      '-- Down Migration\n\nalter table nova.plans_g1 drop column note;\n',
  )
  return {
    main: join(path, 'src/main.ts'),
    revision,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** Articles made and read again by one client after another, until told to stop. */
function load(mcpUrl: () => string) {
  const told: string[] = []
  let stopped = false
  const working = (async () => {
    for (let n = 0; !stopped; n++) {
      await using client = await connectClient('2026-07-28', new URL(mcpUrl()), {})
      const { article_id } = await client.ok('create_article', { guideline: `# Number ${n}` })
      await client.ok('get_article', { article_id })
      told.push(String(article_id))
    }
  })()
  let failed: unknown
  working.catch((error: unknown) => {
    failed = error
  })
  return {
    /** How many articles; throws what a call was refused with. */
    made() {
      if (failed) throw failed
      return told.length
    },
    async stop() {
      stopped = true
      await working
      return told
    },
  }
}

it('old and new servers work side by side over a migration, and nothing is refused', async () => {
  await using test = await emptyDatabase()
  using next = nextRelease()
  const settings = {
    DATABASE_URL: test.url,
    MONTHLY_TOOL_CALL_LIMIT: '0',
    NOVA_DB_POOL: '8',
    NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
  }
  const serve = async (main?: string) => {
    const nova = startNova(['serve', '--port', '0'], settings, undefined, main)
    const [, mcpUrl = ''] = await nova.printed(/MCP +(http:\S+\/mcp)\n/)
    return { ...nova, mcpUrl }
  }
  const installed = async () => {
    const { rows } = await test.database.owner.query('select revision from nova_meta.sql_tree')
    return rows
  }
  await using old = await serve()
  const onOld = load(() => old.mcpUrl)
  const progress = (loads: readonly { made: () => number }[], by: number) => {
    const before = loads.map((one) => one.made())
    return until(
      () => loads.every((one, n) => one.made() >= (before[n] ?? 0) + by),
      `${by} more articles from each client`,
    )
  }
  await progress([onOld], 3)
  await using fresh = await serve(next.main)
  assert.deepEqual(await installed(), [{ revision: next.revision }])
  const onNew = load(() => fresh.mcpUrl)
  await progress([onOld, onNew], 5)

  // A server of before starts once more, and leaves the database as the newer ones need it.
  await using again = await serve()
  const onAgain = load(() => again.mcpUrl)
  await progress([onOld, onNew, onAgain], 5)
  assert.deepEqual(await installed(), [{ revision: next.revision }])

  const told = [...(await onOld.stop()), ...(await onAgain.stop())]
  for (const server of [old, again]) {
    server.signal('SIGTERM')
    assert.equal(await server.ended, 0)
  }
  await progress([onNew], 3)
  told.push(...(await onNew.stop()))
  const { rows } = await test.database.owner.query(
    `select count(*) as created from nova.events where type = 'ArticleCreated'`,
  )
  assert.deepEqual(rows, [{ created: told.length }])
  assert.equal(new Set(told).size, told.length)
})
