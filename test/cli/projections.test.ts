import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { projections } from '../../src/cli/projections.ts'
import { projections as registry } from '../../src/projections/registry.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { freshDatabase } from '../support/database.ts'

async function run(url: string, ...positionals: string[]) {
  const terminal = rememberingTerminal()
  const code = await projections.run(cliCall(terminal, { DATABASE_URL: url }, { positionals }))
  return { code, out: terminal.out(), err: terminal.err() }
}

describe('nova projections', () => {
  it('shows every read model with its generation, position and lag', async () => {
    await using fresh = await freshDatabase()
    const { code, out } = await run(fresh.url, 'status')
    assert.equal(code, 0)
    assert.match(out, /^projection +generation +state +position +lag +updated/)
    for (const { name } of registry) assert.match(out, new RegExp(`^${name} +1  live`, 'm'))
  })

  it('builds one anew and serves its next generation', async () => {
    await using fresh = await freshDatabase()
    const { code, out } = await run(fresh.url, 'rebuild', 'usage')
    assert.equal(code, 0)
    assert.match(out, /^usage: generation 2 serves, 0 events in/)
    assert.match(out, /^usage +2 {2}live/m)
    assert.doesNotMatch(out, /^articles/m)
  })

  it('builds all of them anew', async () => {
    await using fresh = await freshDatabase()
    const { out } = await run(fresh.url, 'rebuild', 'all')
    for (const { name } of registry) assert.match(out, new RegExp(`^${name} +2  live`, 'm'))
  })

  it('refuses a name that no read model has', async () => {
    await using fresh = await freshDatabase()
    await assert.rejects(run(fresh.url, 'rebuild', 'articels'), { code: 'PROJECTION_UNKNOWN' })
  })

  it('answers code 1 and the reason when one has halted', async () => {
    await using fresh = await freshDatabase()
    await fresh.database.owner.query(
      `update nova.projections set failed_position = 7, failure = 'cannot fold' where name = 'usage'`,
    )
    const { code, out, err } = await run(fresh.url, 'status')
    assert.equal(code, 1)
    assert.match(out, /^usage +1 {2}halted/m)
    assert.match(err, /usage halted at event 7: cannot fold/)
  })
})
