import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { research } from '../../src/cli/research.ts'
import { compileResearch } from '../../src/commands/articles/compile-research.ts'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { caller, commandWorld } from '../support/command-world.ts'

const ada = caller('ada')

async function replay(url: string, positionals: string[], options: Record<string, string> = {}) {
  const terminal = rememberingTerminal()
  const settings = { DATABASE_URL: url }
  const code = await research.run(cliCall(terminal, settings, { positionals, options }))
  return { code, out: terminal.out(), err: terminal.err() }
}

describe('nova research replay', () => {
  it('answers code 0 and writes the bytes when they are the recorded ones', async () => {
    await using world = await commandWorld()
    const guideline = Buffer.from('# Ledgers\n')
    const { articleId } = await createArticle(world.deps, ada, { guideline })
    const { research: recorded } = await compileResearch(world.deps, ada, { articleId })
    const folder = await mkdtemp(join(tmpdir(), 'nova-replay-'))
    const output = join(folder, 'again.md')
    const { code, out } = await replay(world.url, ['replay', articleId], { user: 'ada', output })
    assert.equal(code, 0)
    assert.match(out, new RegExp(`Recorded {2}${recorded.sha256}[\\s\\S]*byte-identical`))
    assert.equal(
      await readFile(output, 'utf8'),
      await world.deps.contents.text('ada', recorded.sha256),
    )
    await rm(folder, { recursive: true })
  })

  it('answers code 1 and says what is gone when they are not', async () => {
    await using world = await commandWorld()
    const guideline = Buffer.from('# Ledgers\n')
    const { articleId } = await createArticle(world.deps, ada, { guideline })
    const { research: recorded } = await compileResearch(world.deps, ada, { articleId })
    const client = await world.database.owner.connect()
    await client.query('set session_replication_role = replica')
    await client.query('delete from nova.contents where sha256 = $1', [recorded.sha256])
    client.release(true)
    const { code, err } = await replay(world.url, ['replay', articleId], { user: 'ada' })
    assert.equal(code, 1)
    assert.match(err, new RegExp(`not identical\\n.*${recorded.sha256} is gone or was altered`))
  })

  it('answers code 1 when the evidence beside it is not what was recorded', async () => {
    await using world = await commandWorld()
    const guideline = Buffer.from('# Ledgers\n')
    const { articleId } = await createArticle(world.deps, ada, { guideline })
    const { article } = await compileResearch(world.deps, ada, { articleId })
    const evidence = article.compiled?.evidence?.sha256 ?? ''
    const before = await replay(world.url, ['replay', articleId], { user: 'ada' })
    assert.match(before.out, new RegExp(`Evidence {2}${evidence} {2}as recorded`))
    const client = await world.database.owner.connect()
    await client.query('set session_replication_role = replica')
    await client.query('delete from nova.contents where sha256 = $1', [evidence])
    client.release(true)
    const { code, err } = await replay(world.url, ['replay', articleId], { user: 'ada' })
    assert.equal(code, 1)
    assert.match(err, new RegExp(`not identical\\n.*${evidence} is gone or was altered`))
  })

  it('does not take two files', async () => {
    await assert.rejects(replay('postgres://127.0.0.1:1/x', ['a.md', 'b.md']), {
      name: 'UsageError',
    })
  })
})
