import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import packageJson from '../../package.json' with { type: 'json' }
import { folderNames } from './folder-environment.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const setup = 'test/support/global-setup.ts'
const names = Object.keys(folderNames)

describe('a run of the tests', () => {
  it('has fresh folders of its own, and leaves nothing behind', async () => {
    const path = mkdtempSync(join(tmpdir(), 'run-'))
    using _removed = { [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
    const outside = join(path, 'tmp')
    mkdirSync(outside)
    const probe = join(path, 'probe.test.mjs')
    const seen = `import { it } from 'node:test'; it('', () => console.log(JSON.stringify(process.env)))`
    writeFileSync(probe, seen)
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--test', '--test-reporter=tap', `--test-global-setup=${setup}`, probe],
      { cwd: repository, env: { ...environment, TMPDIR: outside } },
    )
    const given = JSON.parse(/\{.*\}/.exec(stdout)?.[0] ?? '{}')
    for (const name of names) {
      assert.ok(given[name]?.startsWith(join(outside, 'nova-')), `${name}: ${given[name]}`)
      assert.ok(!existsSync(given[name]), given[name])
    }
    assert.equal(new Set(names.map((name) => given[name])).size, names.length)
    assert.deepEqual(readdirSync(outside), [])
  })

  it('is what the npm scripts start', () => {
    for (const script of ['test', 'test:faults'] as const) {
      assert.ok(packageJson.scripts[script].includes(`--test-global-setup=${setup} `), script)
    }
  })
})
