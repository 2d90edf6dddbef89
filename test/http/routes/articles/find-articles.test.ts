import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseHTML } from 'linkedom'
import { startTestApp, type TestApp } from '../../../support/app.ts'

const titles = ['On ledgers', 'LEDGERS again', '100% of_it', 'On tides']

/** A server with an article of each title, the last one archived. */
async function withArticles(): Promise<TestApp> {
  const test = await startTestApp()
  for (const title of titles) {
    // The newest comes first.
    test.clock.now = new Date(test.clock.now.getTime() + 1000)
    const payload = { guideline: `# ${title}`, title }
    const { article_id } = (
      await test.app.inject({ method: 'POST', url: '/articles', payload })
    ).json()
    if (title === 'On tides') {
      const archive = { method: 'POST' as const, url: `/articles/${article_id}/archive` }
      assert.ok((await test.app.inject(archive)).statusCode < 300)
    }
  }
  await test.project()
  return test
}

const listed = async (test: TestApp, query: string): Promise<string[]> => {
  const answer = await test.app.inject(`/articles?${query}`)
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json().articles.map(({ title }: { title: string }) => title)
}

const shown = async (test: TestApp, query: string) => {
  const answer = await test.app.inject(`/${query}`)
  assert.equal(answer.statusCode, 200, answer.body)
  const { document } = parseHTML(answer.body)
  const links = [...document.querySelectorAll('ul.list a')].map((link) => link.textContent)
  return { document, links }
}

describe('looking for articles', { concurrency: true }, () => {
  it('finds them over REST by words of the title, state and archive, each taken as it stands', async () => {
    await using test = await withArticles()
    assert.deepEqual(await listed(test, 'q=ledgers'), ['LEDGERS again', 'On ledgers'])
    assert.deepEqual(await listed(test, 'q=100%25'), ['100% of_it'])
    assert.deepEqual(await listed(test, 'q=_'), ['100% of_it'])
    assert.deepEqual(await listed(test, 'q=%25&archived=true'), [])
    assert.deepEqual(await listed(test, 'archived=true'), ['On tides'])
    assert.deepEqual(await listed(test, 'archived=false&q=on'), ['On ledgers'])
    assert.deepEqual(await listed(test, 'status=completed'), [])
    assert.equal((await listed(test, 'status=created')).length, titles.length)
    const refused = await test.app.inject('/articles?status=lost')
    assert.equal(refused.statusCode, 400)
  })

  it('goes on where a page of what was found ended', async () => {
    await using test = await withArticles()
    const first = (await test.app.inject('/articles?q=ledgers&limit=1')).json()
    assert.deepEqual(
      first.articles.map(({ title }: { title: string }) => title),
      ['LEDGERS again'],
    )
    assert.deepEqual(await listed(test, `q=ledgers&limit=1&cursor=${first.next_cursor}`), [
      'On ledgers',
    ])
  })

  it('finds them on the page, which keeps what was looked for and leads back to all', async () => {
    await using test = await withArticles()
    assert.equal((await shown(test, '')).links.length, titles.length)
    const { document, links } = await shown(test, '?q=LEDG&status=created&archived=false')
    assert.deepEqual(links, ['LEDGERS again', 'On ledgers'])
    assert.equal(document.querySelector('input[name=q]')?.getAttribute('value'), 'LEDG')
    const chosen = [...document.querySelectorAll('option[selected]')].map((option) =>
      option.getAttribute('value'),
    )
    assert.deepEqual(chosen, ['created', 'false'])
    const none = await shown(test, '?q=nowhere')
    assert.deepEqual(none.links, [])
    assert.match(none.document.body.textContent ?? '', /None is like that/)
    assert.equal(none.document.querySelector('a.brand')?.getAttribute('href'), '/')
  })

  it('leads to those that are older than the twenty of a page', async () => {
    await using test = await startTestApp()
    for (let n = 1; n <= 21; n++) {
      const payload = { guideline: `# Article ${n}` }
      await test.app.inject({ method: 'POST', url: '/articles', payload })
    }
    await test.project()
    const first = await shown(test, '?q=article')
    assert.equal(first.links.length, 20)
    const older = first.document.querySelector('a[rel=next]')?.getAttribute('href') ?? ''
    assert.match(older, /q=article/)
    const { links } = await shown(test, older.slice(1))
    assert.equal(new Set([...first.links, ...links]).size, 21)
    assert.equal(links.length, 1)
  })

  it('takes an address that its form never makes for one without that part', async () => {
    await using test = await withArticles()
    for (const query of ['?status=lost', `?q=${'x'.repeat(300)}`, '?archived=maybe', '?other=1']) {
      assert.equal((await shown(test, query)).links.length, titles.length, query)
    }
  })
})
