import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { ArticleArchived, UrlsExtracted } from '../../../../src/events/articles/article-events.ts'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { fileForm, form } from '../../../support/form.ts'

const at = '2026-05-01T12:00:00.000Z'

async function articleExpecting(test: TestApp, names: string[]): Promise<string> {
  const id = await test.article()
  await test.record(id, [UrlsExtracted({ links: [], local_files: names, extracted_at: at })])
  return id
}

const post = (test: TestApp, url: string, body: ReturnType<typeof form>) =>
  test.app.inject({ method: 'POST', url, payload: body.payload, headers: body.headers })

const files = (...names: string[]) =>
  form(names.map((name) => ({ field: 'files', name, body: `content of ${name}` })))

describe('local files by link', () => {
  it('shows what is expected, takes several at once, and says what is still missing', async () => {
    await using test = await startTestApp()
    const id = await articleExpecting(test, ['a.py', 'notes.md', 'later.txt'])
    const link = await test.link('upload_files', id)
    const page = await test.app.inject({ url: link })
    assert.equal(page.body.match(/class="missing"/g)?.length, 3)
    const answer = await post(test, link, files('a.py', 'notes.md'))
    assert.equal(answer.statusCode, 201)
    assert.deepEqual(answer.json().missing_files, ['later.txt'])
    assert.deepEqual(
      answer.json().files.map((file: { name: string }) => file.name),
      ['a.py', 'notes.md'],
    )
    const sources = await test.app.inject({ url: `/articles/${id}/sources` })
    assert.equal(sources.json().sources.length, 2)
  })

  it('takes all or none: one bad file refuses the others, and the link still works', async () => {
    await using test = await startTestApp()
    const id = await articleExpecting(test, [])
    const link = await test.link('upload_files', id)
    const answer = await post(test, link, files('good.py', 'bad.exe'))
    assert.equal(answer.statusCode, 415)
    assert.equal(answer.json().error.code, 'FILE_TYPE_UNSUPPORTED')
    const sources = await test.app.inject({ url: `/articles/${id}/sources` })
    assert.deepEqual(sources.json().sources, [])
    assert.equal((await post(test, link, files('good.py'))).statusCode, 201)
  })

  it('refuses more files, and larger ones, than are taken', async () => {
    await using test = await startTestApp()
    const id = await articleExpecting(test, [])
    const link = await test.link('upload_files', id)
    const many = files(...Array.from({ length: 51 }, (_, n) => `f${n}.txt`))
    const tooMany = await post(test, link, many)
    assert.equal(tooMany.json().error.code, 'FILES_TOO_MANY')
    const large = await post(test, link, fileForm('a.txt', 'x'.repeat(10 * 1024 * 1024 + 1)))
    assert.equal(large.statusCode, 413)
    assert.equal(large.json().error.code, 'FILE_TOO_LARGE')
    const broken = await post(test, link, fileForm('a.ipynb', '{"cells":'))
    assert.equal(broken.json().error.code, 'NOTEBOOK_INVALID')
  })

  it('keeps hostile names as plain data', async () => {
    await using test = await startTestApp()
    const id = await articleExpecting(test, [])
    const name = `<img src=x onerror=alert(1)>'&".md`
    const answer = await post(test, await test.link('upload_files', id), fileForm(name, 'x'))
    assert.equal(answer.statusCode, 201)
    const page = await test.app.inject({
      url: `/articles/${id}`,
      headers: { accept: 'text/html' },
    })
    assert.doesNotMatch(page.body, /<img/)
    assert.match(page.body, /&#60;img src=x onerror=alert\(1\)&#62;/)
    const traversal = await post(
      test,
      await test.link('upload_files', id),
      fileForm('../../etc/passwd.md', 'x'),
    )
    assert.equal(traversal.json().files[0].name, 'passwd.md')
    for (const bad of ['a\u202Egnp.md', `${'x'.repeat(300)}.md`]) {
      const refused = await post(test, await test.link('upload_files', id), fileForm(bad, 'x'))
      assert.equal(refused.json().error.code, 'FILE_NAME_INVALID')
    }
  })
})

describe('uploads through one link at once', () => {
  it('let the good one through, whatever comes before it in line', async () => {
    await using test = await startTestApp()
    const link = await test.link('upload_files', await articleExpecting(test, []))
    const sent = ['a.exe', 'b.exe', 'good.md', 'c.exe', 'late.md']
    const answers = await Promise.all(sent.map((name) => post(test, link, fileForm(name, 'x'))))
    const stored = sent.filter((_name, n) => answers[n]?.statusCode === 201)
    assert.equal(stored.length, 1, answers.map(({ body }) => body).join('\n'))
    assert.match(String(stored), /\.md$/)
    const refused = answers.filter(({ statusCode }) => statusCode !== 201)
    for (const answer of refused) {
      assert.match(answer.json().error.code, /^(FILE_TYPE_UNSUPPORTED|LINK_USED)$/)
    }
  })
})

describe('local files by REST', () => {
  it('takes them with the same rules', async () => {
    await using test = await startTestApp()
    const id = await articleExpecting(test, ['a.py'])
    const answer = await post(test, `/articles/${id}/files`, files('a.py'))
    assert.equal(answer.statusCode, 200)
    assert.deepEqual(answer.json().missing_files, [])
  })

  it('answers an unknown article before it reads the body', async () => {
    await using test = await startTestApp()
    const answer = await post(test, `/articles/${randomUUID()}/files`, files('a.exe'))
    assert.equal(answer.json().error.code, 'ARTICLE_NOT_FOUND')
  })

  it('refuses an archived article with 409', async () => {
    await using test = await startTestApp()
    const id = await articleExpecting(test, [])
    await test.record(id, [ArticleArchived({ archived_at: at })])
    const link = await test.link('upload_files', id)
    const answer = await post(test, link, files('a.py'))
    assert.equal(answer.statusCode, 409)
    assert.equal(answer.json().error.code, 'ARTICLE_ARCHIVED')
  })

  it('reads each file once, where notebooks are read, by link and by REST', async () => {
    const read: string[] = []
    await using test = await startTestApp(
      {},
      {
        // It takes what the plain reader of this process would refuse.
        readNotebook: async (text) => {
          read.push(text)
          return '# A notebook'
        },
      },
    )
    const id = await articleExpecting(test, [])
    const notebook = fileForm('a.ipynb', '{"cells":"none"}')
    const byLink = await post(test, await test.link('upload_files', id), notebook)
    assert.equal(byLink.statusCode, 201, byLink.body)
    const byRest = await post(test, `/articles/${id}/files`, notebook)
    assert.equal(byRest.statusCode, 200, byRest.body)
    assert.equal(read.length, 2)
  })
})
