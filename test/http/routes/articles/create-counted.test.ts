import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { startTestApp, type TestApp } from '../../../support/app.ts'

const create = (test: TestApp, guideline: string, article_id?: string) =>
  test.app.inject({ method: 'POST', url: '/articles', payload: { guideline, article_id } })
const used = async (test: TestApp) => (await test.app.inject('/usage')).json().used

describe('POST /articles', { concurrency: true }, () => {
  it('counts in the month as the tool does, and is refused when the month is used up', async () => {
    await using test = await startTestApp({ MONTHLY_TOOL_CALL_LIMIT: '3' })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => create(test, `# Number ${n}`)),
    )
    const made = answers.filter(({ statusCode }) => statusCode === 201)
    assert.equal(made.length, 3)
    const refused = answers.find(({ statusCode }) => statusCode !== 201)
    assert.equal(refused?.statusCode, 429)
    assert.equal(refused?.json().error.code, 'QUOTA_EXCEEDED')
    assert.ok(Number(refused?.headers['retry-after']) > 0)
    assert.equal((await test.app.inject('/articles')).json().articles.length, 3)
    assert.equal(await used(test), 3)
  })

  it('gives back what was refused, and a retry that adds nothing', async () => {
    await using test = await startTestApp({ MONTHLY_TOOL_CALL_LIMIT: '3' })
    const id = randomUUID()
    assert.equal((await create(test, '# A', id)).statusCode, 201)
    assert.equal((await create(test, '# A', id)).statusCode, 200)
    assert.equal((await create(test, '# B', id)).statusCode, 409)
    assert.equal(await used(test), 1)
  })
})
