import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Refusal } from '../../../src/errors.ts'
import { freshDatabase } from '../../support/database.ts'
import { startNova, startNovaServer } from '../../support/nova-process.ts'

async function guidelineFile(text = '# Ledgers\n\nNo links.') {
  const folder = await mkdtemp(join(tmpdir(), 'nova-refusals-'))
  const path = join(folder, 'guideline.md')
  await writeFile(path, text)
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

describe('nova research', () => {
  it('says what it cannot do in one sentence and a hint, and exits with 1', async () => {
    await using db = await freshDatabase()
    await using file = await guidelineFile()
    await using server = await startNovaServer({
      DATABASE_URL: db.url,
      NOVA_LINK_SECRET: 'k'.repeat(32),
    })
    const refused = async (...args: string[]) => {
      await using nova = startNova(['research', file.path, '--server', server.mcpUrl, ...args], {})
      assert.equal(await nova.ended, 1, nova.output())
      return nova.output()
    }
    const says = (output: string, refusal: Refusal) =>
      assert.ok(output.includes(`${refusal.message} [${refusal.code}]\n  ${refusal.hint}`), output)

    says(await refused('--resume'), new Refusal('RUN_NOT_FOUND'))
    const path = join(file.path, 'research.md')
    says(
      await refused('--rounds', '0', '-o', path),
      new Refusal('OUTPUT_FILE_UNWRITABLE', { path }),
    )
  })

  it('says which server it cannot reach', async () => {
    await using file = await guidelineFile()
    const url = 'http://127.0.0.1:9'
    await using nova = startNova(['research', file.path, '--server', url], {
      NOVA_ACCESS_TOKEN: '',
    })
    assert.equal(await nova.ended, 1, nova.output())
    const refusal = new Refusal('SERVER_UNREACHABLE', { url: `${url}/mcp` })
    assert.ok(nova.output().includes(refusal.message), nova.output())
  })

  it('asks when nothing can be read, writes no file, and takes the answer', async () => {
    await using db = await freshDatabase()
    await using file = await guidelineFile('# Ledgers\n\nRead http://127.0.0.1:9/nobody\n')
    const output = join(tmpdir(), 'answered-research.md')
    await using server = await startNovaServer({
      DATABASE_URL: db.url,
      NOVA_LINK_SECRET: 'k'.repeat(32),
    })
    const research = async (...args: string[]) => {
      const all = ['research', file.path, '--server', server.mcpUrl, '--rounds', '0', '-o', output]
      await using nova = startNova([...all, ...args], {})
      return { code: await nova.ended, output: nova.output() }
    }
    const paused = await research()
    assert.equal(paused.code, 3, paused.output)
    assert.match(paused.output, /0 of 1 succeeded/)
    assert.match(paused.output, /http:\/\/127\.0\.0\.1:9\/nobody/)
    assert.match(paused.output, /--answer continue\|stop/)
    assert.ok(!paused.output.includes('✓') && !existsSync(output))

    const answered = await research('--answer', 'continue')
    assert.equal(answered.code, 0, answered.output)
    assert.match(answered.output, /✓[\s\S]*Failed +1/)
    assert.ok(existsSync(output))

    const repeated = await research('--answer', 'continue')
    assert.equal(repeated.code, 0, repeated.output)
    assert.match(repeated.output, /answered before/)

    const going = await research('--keep-going')
    assert.equal(going.code, 0, going.output)
    await rm(output)
  })

  it('goes on with --keep-going in a run that was started without it', async () => {
    await using db = await freshDatabase()
    await using file = await guidelineFile('# Ledgers\n\nRead http://127.0.0.1:9/nobody\n')
    const output = join(tmpdir(), 'kept-going-research.md')
    await using server = await startNovaServer({
      DATABASE_URL: db.url,
      NOVA_LINK_SECRET: 'k'.repeat(32),
    })
    const research = async (...args: string[]) => {
      const all = ['research', file.path, '--server', server.mcpUrl, '--rounds', '0', '-o', output]
      await using nova = startNova([...all, ...args], {})
      return { code: await nova.ended, output: nova.output() }
    }
    assert.equal((await research()).code, 3)
    const going = await research('--resume', '--keep-going')
    assert.equal(going.code, 0, going.output)
    await rm(output)
  })
})
