import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { fileForm } from '../../../support/form.ts'

const create = (test: TestApp, payload: object) =>
  test.app.inject({ method: 'POST', url: '/articles', payload })

/** A body of 3.8 MB around so many lists in lists. */
const nested = (depth: number) =>
  `{"guideline":"${'x'.repeat(3_600_000)}","title":${'['.repeat(depth)}${']'.repeat(depth)}}`

describe('POST /articles', () => {
  it('answers 201 with the address of the article, from JSON, form and plain text', async () => {
    await using test = await startTestApp()
    const { payload, headers } = fileForm('g.md', '# Form')
    const answers = [
      await create(test, { guideline: '# Json', title: 'Mine' }),
      await test.app.inject({ method: 'POST', url: '/articles', payload, headers }),
      await test.app.inject({
        method: 'POST',
        url: '/articles',
        payload: '# Plain',
        headers: { 'content-type': 'text/markdown; charset=utf-8' },
      }),
    ]
    assert.deepEqual(
      answers.map((answer) => [answer.statusCode, answer.json().title]),
      [
        [201, 'Mine'],
        [201, 'Form'],
        [201, 'Plain'],
      ],
    )
    for (const answer of answers) {
      assert.equal(answer.headers.location, `/articles/${answer.json().article_id}`)
      const found = await test.app.inject(String(answer.headers.location))
      assert.deepEqual(found.json(), answer.json())
    }
    const listed = (await test.app.inject('/articles')).json().articles
    assert.equal(listed.length, 3, 'what was created is listed at once')
  })

  it('is safe to retry: the same id and guideline add nothing, another guideline is refused', async () => {
    await using test = await startTestApp()
    const article_id = randomUUID()
    assert.equal((await create(test, { article_id, guideline: '# a' })).statusCode, 201)
    const again = await create(test, { article_id, guideline: '# a' })
    assert.equal(again.statusCode, 200)
    assert.equal(again.json().version, 1)
    const other = await create(test, { article_id, guideline: '# b' })
    assert.equal(other.statusCode, 409)
    assert.equal(other.json().error.code, 'ARTICLE_EXISTS')
  })

  const bad: [string, object | string, number, string][] = [
    ['no guideline', {}, 400, 'ARGUMENT_INVALID'],
    ['a number', { guideline: 7 }, 400, 'ARGUMENT_INVALID'],
    ['an unknown field', { guideline: '# a', user_id: 'ann' }, 400, 'ARGUMENT_INVALID'],
    ['an id that is none', { guideline: '# a', article_id: 'x' }, 400, 'ARGUMENT_INVALID'],
    ['blank', { guideline: '  ' }, 400, 'GUIDELINE_EMPTY'],
    ['NUL', { guideline: 'a\0' }, 400, 'TEXT_HAS_NUL'],
    ['over 1 MiB', { guideline: 'x'.repeat(1024 * 1024 + 1) }, 413, 'GUIDELINE_TOO_LARGE'],
    ['over 4 MiB', { guideline: 'x'.repeat(4 * 1024 * 1024) }, 413, 'BODY_TOO_LARGE'],
    ['broken JSON', '{"guideline":', 400, 'BODY_INVALID'],
    ['100,000 levels', nested(100_000), 400, 'BODY_TOO_COMPLEX'],
    ['100,000 values', `[${'1,'.repeat(100_000)}1]`, 400, 'BODY_TOO_COMPLEX'],
    ['a poisoned prototype', '{"__proto__":{"a":1},"guideline":"a"}', 400, 'BODY_INVALID'],
  ]
  for (const [what, payload, status, code] of bad) {
    it(`refuses ${what}`, async () => {
      await using test = await startTestApp()
      const answer = await test.app.inject({
        method: 'POST',
        url: '/articles',
        payload,
        headers: { 'content-type': 'application/json' },
      })
      assert.equal(answer.json().error.code, code)
      assert.equal(answer.statusCode, status)
      assert.ok(answer.json().error.hint)
      await test.project()
      assert.deepEqual((await test.app.inject('/articles')).json().articles, [])
    })
  }
})

describe('GET /articles', () => {
  it('pages through the own articles, newest first, each once', async () => {
    await using test = await startTestApp()
    await test.article('# Of Ann', 'ann')
    for (const n of [1, 2, 3, 4, 5]) {
      test.clock.now = new Date(test.clock.now.getTime() + 1000)
      await test.article(`# Article ${n}`)
    }
    await test.project()
    const titles: string[] = []
    let url = '/articles?limit=2'
    while (url) {
      const { articles, next_cursor } = (await test.app.inject(url)).json()
      titles.push(...articles.map((article: { title: string }) => article.title))
      url = next_cursor ? `/articles?limit=2&cursor=${next_cursor}` : ''
    }
    assert.deepEqual(
      titles,
      [5, 4, 3, 2, 1].map((n) => `Article ${n}`),
    )
  })

  it('refuses an invented cursor and limits out of bounds', async () => {
    await using test = await startTestApp()
    for (const cursor of ['x', Buffer.from('["2026","y"]').toString('base64url')]) {
      const answer = await test.app.inject(`/articles?cursor=${cursor}`)
      assert.equal(answer.json().error.code, 'CURSOR_INVALID')
    }
    for (const limit of ['0', '101', '-1', '1.5', 'all']) {
      const answer = await test.app.inject(`/articles?limit=${limit}`)
      assert.equal(answer.statusCode, 400)
      assert.equal(answer.json().error.details.path, 'limit')
    }
  })
})

describe('404 for an article', () => {
  it('is the same, byte for byte, whether it is unknown or of somebody else', async () => {
    await using test = await startTestApp()
    const foreign = await test.article('# Of Ann', 'ann')
    const unknown = randomUUID()
    for (const path of ['', '/sources', '/research.md', '/events']) {
      const [a, b] = await Promise.all(
        [foreign, unknown].map((id) => test.app.inject(`/articles/${id}${path}`)),
      )
      assert.equal(a?.statusCode, 404)
      assert.equal(a?.body, b?.body)
    }
    const links = [foreign, unknown].map((id) =>
      test.app.inject({ method: 'POST', url: `/articles/${id}/links?purpose=watch` }),
    )
    const [a, b] = await Promise.all(links)
    assert.equal(a?.statusCode, 404)
    assert.equal(a?.body, b?.body)
  })

  it('is 400 for what cannot be an id', async () => {
    await using test = await startTestApp()
    for (const id of ['x', '1', 'null', `${'a'.repeat(99)}`, '..%2f..']) {
      const answer = await test.app.inject(`/articles/${id}`)
      assert.equal(answer.json().error.code, 'ARTICLE_ID_INVALID', id)
    }
  })
})

describe('GET /usage', () => {
  it('says what is used, what the limit is and when it resets', async () => {
    await using test = await startTestApp({ MONTHLY_TOOL_CALL_LIMIT: '7' })
    test.clock.now = new Date('2026-12-31T23:59:59.000Z')
    const answer = (await test.app.inject('/usage')).json()
    assert.deepEqual(answer, {
      month: '2026-12',
      used: 0,
      reserved: 0,
      limit: 7,
      left: 7,
      calls_per_minute: 0,
      concurrent_operations: 0,
      weights: {},
      stored_bytes: 0,
      stored_bytes_max: 0,
      resets_at: '2027-01-01T00:00:00.000Z',
      tools: [],
    })
  })
})
