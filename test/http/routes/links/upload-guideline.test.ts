import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { fileForm, form } from '../../../support/form.ts'

const post = (test: TestApp, url: string, body: ReturnType<typeof form>, accept?: string) =>
  test.app.inject({
    method: 'POST',
    url,
    payload: body.payload,
    headers: { ...body.headers, ...(accept && { accept }) },
  })

const codeOf = (answer: { json: () => { error?: { code: string } } }) => answer.json().error?.code

/** The link is still good and nothing is stored. */
async function nothingHappened(test: TestApp, link: string, articleId: string) {
  assert.equal((await test.app.inject({ url: link })).statusCode, 200)
  const answer = await test.app.inject({ url: `/articles/${articleId}` })
  assert.equal(codeOf(answer), 'ARTICLE_NOT_FOUND')
}

describe('a guideline by upload link, 201', () => {
  it('creates the article under the id that the link was issued for', async () => {
    await using test = await startTestApp()
    const id = randomUUID()
    const link = await test.link('upload_guideline', id)
    const answer = await post(test, link, fileForm('guide.md', '# Ants\n\nSee https://a.example/'))
    assert.equal(answer.statusCode, 201)
    assert.equal(answer.json().article_id, id)
    assert.equal(answer.json().title, 'Ants')
    const watch = new URL(answer.json().watch_url).pathname
    const page = await test.app.inject({ url: watch })
    assert.match(page.body, /<h1>Ants<\/h1>/)
  })

  it('takes the text itself, from a script', async () => {
    await using test = await startTestApp()
    const link = await test.link('upload_guideline', randomUUID())
    const answer = await test.app.inject({
      method: 'POST',
      url: link,
      payload: '# Bees',
      headers: { 'content-type': 'text/markdown' },
    })
    assert.equal(answer.statusCode, 201)
    assert.equal(answer.json().title, 'Bees')
  })

  it('takes pasted text when the file field was left empty', async () => {
    await using test = await startTestApp()
    const link = await test.link('upload_guideline', randomUUID())
    const parts = form([
      { field: 'file', name: '', body: '' },
      { field: 'guideline', body: '# Pasted' },
      { field: 'title', body: 'My title' },
    ])
    const answer = await post(test, link, parts, 'text/html')
    assert.equal(answer.statusCode, 201)
    assert.match(answer.body, /My title/)
  })

  it('lets exactly one of 50 simultaneous uses through', async () => {
    await using test = await startTestApp()
    const id = randomUUID()
    const link = await test.link('upload_guideline', id)
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => post(test, link, fileForm('g.md', `# Number ${n}`))),
    )
    const won = answers.filter((answer) => answer.statusCode === 201)
    assert.equal(won.length, 1)
    const lost = new Set(answers.filter((answer) => answer.statusCode !== 201).map(codeOf))
    assert.deepEqual(lost, new Set(['LINK_USED']))
    const article = await test.app.inject({ url: `/articles/${id}` })
    assert.equal(article.json().title, won[0]?.json().title)
    assert.equal(article.json().version, 1)
  })
})

describe('an upload that is sent again, as its form or its script sent it', {
  concurrency: true,
}, () => {
  const guideline = fileForm('g.md', '# Ants')

  it('is answered as it was, and stored once; to anybody else the link is used', async () => {
    await using test = await startTestApp()
    const id = randomUUID()
    const link = await test.link('upload_guideline', id)
    const page = await test.app.inject({ url: link })
    const [, query = ''] =
      /<form method="post" action="(\?upload=[0-9a-f-]{36})"/.exec(page.body) ?? []
    assert.equal((await post(test, link + query, guideline)).statusCode, 201)
    const again = await post(test, link + query, guideline)
    assert.equal(again.statusCode, 200)
    assert.deepEqual([again.json().article_id, again.json().title], [id, 'Ants'])
    const watch = new URL(again.json().watch_url).pathname
    assert.equal((await test.app.inject({ url: watch })).statusCode, 200)
    const shown = await post(test, link + query, guideline, 'text/html')
    assert.match(shown.body, /Your guideline is here/)
    assert.equal((await test.app.inject({ url: `/articles/${id}` })).json().version, 1)
    for (const other of ['', `?upload=${randomUUID()}`]) {
      const refused = await post(test, link + other, guideline)
      assert.equal(codeOf(refused), 'LINK_USED')
      assert.match(refused.json().error.hint, /what you sent is here/)
    }
  })

  it('knows the files that it brought, by the key of a script', async () => {
    await using test = await startTestApp()
    const link = await test.link('upload_files', await test.article())
    const send = () =>
      test.app.inject({
        method: 'POST',
        url: link,
        payload: fileForm('a.md', 'text').payload,
        headers: { ...fileForm('a.md', 'text').headers, 'idempotency-key': 'a-key-of-mine' },
      })
    const first = await send()
    const again = await send()
    assert.deepEqual([first.statusCode, again.statusCode], [201, 200])
    assert.deepEqual(again.json().files, [{ name: 'a.md', size: 4 }])
    assert.deepEqual(again.json().files, first.json().files)
  })

  it('fifty times at once is stored once, and answered fifty times', async () => {
    await using test = await startTestApp()
    const id = randomUUID()
    const link = `${await test.link('upload_guideline', id)}?upload=${randomUUID()}`
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(test, link, guideline)))
    const statuses = answers.map(({ statusCode }) => statusCode).toSorted()
    assert.deepEqual(statuses, [...Array.from({ length: 49 }, () => 200), 201])
    assert.ok(answers.every((answer) => answer.json().article_id === id))
  })

  it('on the start page makes one article', async () => {
    await using test = await startTestApp()
    const page = await test.app.inject({ url: '/' })
    const [, id = ''] = /name="article_id" value="([0-9a-f-]{36})"/.exec(page.body) ?? []
    const sent = form([
      { field: 'file', name: 'g.md', body: '# Ants' },
      { field: 'article_id', body: id },
    ])
    for (const answer of [await post(test, '/', sent), await post(test, '/', sent)]) {
      assert.equal(answer.statusCode, 303)
      assert.equal(answer.headers.location, `/articles/${id}`)
    }
    // A page that the browser kept, and another guideline.
    const other = form([
      { field: 'file', name: 'g.md', body: '# Bees' },
      { field: 'article_id', body: id },
    ])
    const { location } = (await post(test, '/', other)).headers
    assert.match(String(location), /^\/articles\//)
    assert.notEqual(location, `/articles/${id}`)
  })
})

describe('bad guidelines are refused, and the link still works', () => {
  const zip = Buffer.from('504b03041400000008', 'hex')
  const cases: [string, ReturnType<typeof form>, number, string][] = [
    ['not UTF-8', fileForm('g.md', Buffer.from([0x23, 0x20, 0xff, 0xfe])), 400, 'TEXT_NOT_UTF8'],
    ['NUL bytes', fileForm('g.md', '# a\0b'), 400, 'TEXT_HAS_NUL'],
    ['empty', fileForm('g.md', ''), 400, 'GUIDELINE_EMPTY'],
    ['blank', fileForm('g.md', ' \n\t\n'), 400, 'GUIDELINE_EMPTY'],
    ['over 1 MiB', fileForm('g.md', 'x'.repeat(1024 * 1024 + 1)), 413, 'GUIDELINE_TOO_LARGE'],
    ['far over 1 MiB', fileForm('g.md', 'x'.repeat(5_000_000)), 413, 'BODY_TOO_LARGE'],
    ['an unknown type', fileForm('g.exe', '# a'), 415, 'FILE_TYPE_UNSUPPORTED'],
    ['source code', fileForm('g.py', '# a'), 415, 'FILE_TYPE_UNSUPPORTED'],
    ['a zip named .md', fileForm('g.md', zip), 400, 'FILE_NOT_WHAT_IT_SAYS'],
    ['no file', form([{ field: 'file', name: '', body: '' }]), 400, 'FILES_MISSING'],
    [
      'two files',
      form([
        { field: 'file', name: 'a.md', body: 'a' },
        { field: 'file', name: 'b.md', body: 'b' },
      ]),
      413,
      'FILES_TOO_MANY',
    ],
  ]
  for (const [what, body, status, code] of cases) {
    it(what, async () => {
      await using test = await startTestApp()
      const id = randomUUID()
      const link = await test.link('upload_guideline', id)
      const answer = await post(test, link, body)
      assert.equal(codeOf(answer), code)
      assert.equal(answer.statusCode, status)
      await nothingHappened(test, link, id)
    })
  }

  it('another content type', async () => {
    await using test = await startTestApp()
    const id = randomUUID()
    const link = await test.link('upload_guideline', id)
    const headers = { 'content-type': 'application/pdf' }
    const answer = await test.app.inject({ method: 'POST', url: link, payload: 'x', headers })
    assert.equal(answer.statusCode, 415)
    assert.equal(codeOf(answer), 'BODY_TYPE_UNSUPPORTED')
    await nothingHappened(test, link, id)
  })
})

describe('links that do not count', () => {
  it('expired: 410, for the page and for the upload', async () => {
    await using test = await startTestApp()
    const link = await test.link('upload_guideline', randomUUID())
    test.clock.now = new Date(test.clock.now.getTime() + 61 * 60_000)
    const page = await test.app.inject({ url: link })
    assert.equal(page.statusCode, 410)
    assert.equal(codeOf(page), 'LINK_EXPIRED')
    assert.equal(codeOf(await post(test, link, fileForm('g.md', '# a'))), 'LINK_EXPIRED')
  })

  it('used: 410, and the article stays as it was', async () => {
    await using test = await startTestApp()
    const id = randomUUID()
    const link = await test.link('upload_guideline', id)
    await post(test, link, fileForm('g.md', '# First'))
    const again = await post(test, link, fileForm('g.md', '# Second'))
    assert.equal(again.statusCode, 410)
    assert.equal(codeOf(again), 'LINK_USED')
    assert.equal((await test.app.inject({ url: `/articles/${id}` })).json().title, 'First')
  })

  it('altered, truncated, invented or of another purpose: the identical 404', async () => {
    await using test = await startTestApp()
    const id = await test.article()
    const link = await test.link('upload_guideline', randomUUID())
    const [body = '', mac = ''] = link.slice('/upload/'.length).split('.')
    const forged = JSON.parse(Buffer.from(body, 'base64url').toString())
    const other = Buffer.from(JSON.stringify({ ...forged, u: 'somebody' })).toString('base64url')
    const watch = await test.link('watch', id)
    const tokens = [
      `${other}.${mac}`,
      `${body}.${mac.slice(0, -2)}`,
      `${body}.`,
      body,
      'x',
      'x'.repeat(1900),
      watch.slice('/watch/'.length),
    ]
    const answers = await Promise.all(
      tokens.map((token) => test.app.inject({ url: `/upload/${token}` })),
    )
    assert.deepEqual(new Set(answers.map((answer) => answer.statusCode)), new Set([404]))
    assert.equal(new Set(answers.map((answer) => answer.body)).size, 1)
  })
})
