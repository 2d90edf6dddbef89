import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { startTestApp, type TestApp } from '../support/app.ts'
import { fileForm } from '../support/form.ts'
import { wiredDatabase } from '../support/wired-database.ts'

const runs = Number(process.env.NOVA_TEST_RUNS ?? 1)

/** Fifty uses of one link at once, each of its own content, with every packet 150 ms late. */
async function fiftyUses(test: TestApp, url: string, fileName: string) {
  const uses = Array.from({ length: 50 }, (_, n) =>
    test.app.inject({ method: 'POST', url, ...fileForm(fileName, `# Number ${n}`) }),
  )
  const answers = await Promise.all(uses)
  const told = answers.map((answer) =>
    answer.statusCode === 201 ? 'stored' : answer.json().error.code,
  )
  const won = answers.filter(({ statusCode }) => statusCode === 201)
  return { told: told.toSorted(), won: won.map((answer) => answer.json()) }
}

const oneOfFifty = [...Array.from({ length: 49 }, () => 'LINK_USED'), 'stored']

describe('fifty uses of one upload link over slow packets', () => {
  for (let run = 1; run <= runs; run++) {
    it(`one is answered with its article and 49 with LINK_USED (run ${run})`, async () => {
      await using db = await wiredDatabase()
      await using test = await startTestApp({}, { db })
      const id = randomUUID()
      const guideline = await test.link('upload_guideline', id)
      const files = await test.link('upload_files', await test.article('# Files'))
      db.wire.delayMs = 150
      const guidelines = await fiftyUses(test, guideline, 'g.md')
      assert.deepEqual(guidelines.told, oneOfFifty)
      assert.equal(guidelines.won[0].article_id, id)
      const file = await fiftyUses(test, files, 'notes.md')
      assert.deepEqual(file.told, oneOfFifty)
      assert.equal(file.won[0].files[0].name, 'notes.md')
      db.wire.delayMs = 0
      const article = await test.app.inject({ url: `/articles/${id}` })
      assert.equal(article.json().title, guidelines.won[0].title)
    })
  }
})
