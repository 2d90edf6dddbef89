import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Refusal } from '../../../src/errors.ts'
import { freshDatabase } from '../../support/database.ts'
import { startNova, startNovaServer } from '../../support/nova-process.ts'

async function guidelineFile() {
  const folder = await mkdtemp(join(tmpdir(), 'nova-refusals-'))
  const path = join(folder, 'guideline.md')
  await writeFile(path, '# Ledgers\n\nNo links.')
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
})
