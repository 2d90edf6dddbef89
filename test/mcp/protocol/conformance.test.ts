import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { compose } from '../../../src/compose/compose.ts'
import { parseConfig } from '../../../src/config.ts'
import { conformanceFixtures } from '../../support/conformance-fixtures.ts'
import { freshDatabase } from '../../support/database.ts'

const suite = fileURLToPath(
  new URL('../../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
)
/** The failures we know, with a reason each. */
const expected = (revision: string) =>
  fileURLToPath(new URL(`../../support/conformance-${revision}.yml`, import.meta.url))

describe('the official conformance suite', { concurrency: 1 }, () => {
  for (const revision of ['2025-11-25', '2026-07-28']) {
    it(`finds in the real app only the failures we know, by ${revision}`, async (t) => {
      await using app = await listeningApp()
      const { code, output } = await runSuite(app.mcpUrl, revision)
      t.diagnostic(output.match(/Total: .*/)?.[0] ?? 'no total')
      assert.equal(code, 0, output.slice(-6000))
    })
  }
})

/** The scenarios of the Tasks extension, which no revision requires. */
const taskScenarios = [
  'lifecycle',
  'capability-negotiation',
  'wire-fields',
  'request-state-removal',
  'mrtr-input',
  'request-headers',
  'dispatch-and-envelope',
  'status-notifications',
  'mrtr-composition',
]

describe('the official conformance suite, of the Tasks extension', () => {
  // tasks-required-task-error wants a tool that answers nobody without tasks. Every tool of Nova answers all.
  it('finds nothing in the real app', async () => {
    await using app = await listeningApp()
    for (const name of taskScenarios) {
      const scenario = ['--scenario', `tasks-${name}`, '--force']
      const { code, output } = await run([...target(app.mcpUrl), ...scenario])
      assert.equal(code, 0, output.slice(-6000))
    }
  })
})

async function listeningApp() {
  const closing = new AsyncDisposableStack()
  const db = closing.use(await freshDatabase())
  const parsed = parseConfig({
    DATABASE_URL: db.url,
    SERVER_PORT: '0',
    NOVA_LINK_SECRET: 'k'.repeat(32),
    NOVA_CONFORMANCE_FIXTURES: '1',
    NOVA_REQUESTS_PER_MINUTE: '0',
  })
  if (!parsed.ok) throw new Error(parsed.problem)
  const nova = await compose(parsed.config, {
    log: pino({ level: 'silent' }),
    fixtures: conformanceFixtures,
  })
  closing.defer(() => nova.close())
  const { mcpUrl } = await nova.listen()
  return { mcpUrl, [Symbol.asyncDispose]: () => closing.disposeAsync() }
}

function runSuite(url: string, revision: string): Promise<{ code: number; output: string }> {
  const options = ['--requirements', revision, '--expected-failures', expected(revision)]
  return run([...target(url), ...options])
}

const target = (url: string) => [suite, 'server', '--url', url]

function run(args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` })
    })
  })
}
