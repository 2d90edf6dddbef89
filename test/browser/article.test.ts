import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { startTestApp } from '../support/app.ts'
import { startBrowser, type TestBrowser } from '../support/browser.ts'
import { hostileArticle } from '../support/hostile-article.ts'

const hostileName = `<img src=x onerror=alert(1)>';&.md`
const guideline = Buffer.from(
  '# <script>alert("title")</script> & *co*\n\nSee https://a.example/\n',
)

/** Pictures of the pages for a person, when asked for. */
const shot = (name: string) =>
  process.env.NOVA_SCREENSHOTS ? { path: `${process.env.NOVA_SCREENSHOTS}/${name}.png` } : null

describe('pages in a browser', { concurrency: false }, () => {
  let browser: TestBrowser
  before(async () => {
    browser = await startBrowser()
  })
  after(() => browser[Symbol.asyncDispose]())

  it('a guideline goes from the upload page to the article page, whatever its text and name', async () => {
    await using test = await startTestApp()
    const origin = await test.listen()
    const link = await test.link('upload_guideline', randomUUID())
    const { page, problems } = await browser.open(origin + link)
    await page.setInputFiles('#file', {
      name: 'guide.md',
      mimeType: 'text/markdown',
      buffer: guideline,
    })
    await page.getByRole('button', { name: 'Upload guideline' }).click()
    await page.getByRole('heading', { name: 'Your guideline is here' }).waitFor()
    assert.ok(await page.getByText('<script>alert("title")</script>').isVisible())
    await page.getByRole('link', { name: 'Watch the research' }).click()
    await page.getByRole('heading', { level: 1, name: '<script>' }).waitFor()
    assert.deepEqual(problems, [])
  })

  it('a refusal is said beside the form, and the same form can be sent again', async () => {
    await using test = await startTestApp()
    const origin = await test.listen()
    const id = await test.article()
    const { page, problems } = await browser.open(origin + (await test.link('upload_files', id)))
    const buffer = Buffer.from('x')
    await page.setInputFiles('#file', { name: 'a.exe', mimeType: 'text/plain', buffer })
    await page.getByRole('button', { name: 'Upload files' }).click()
    await page.getByRole('alert').getByText('files of this type are not taken').waitFor()
    problems.length = 0
    await page.setInputFiles('#file', { name: hostileName, mimeType: 'text/plain', buffer })
    assert.ok(await page.locator('[data-chosen]').getByText(hostileName).isVisible())
    await page.getByRole('button', { name: 'Upload files' }).click()
    await page.getByRole('heading', { name: 'Your files are here' }).waitFor()
    assert.ok(await page.getByText(hostileName).isVisible())
    assert.deepEqual(problems, [])
  })

  it('the article page follows the research live and never runs what it shows', async () => {
    await using test = await startTestApp()
    const origin = await test.listen()
    const id = await test.article('# Ants and how they find their way')
    const { page, problems } = await browser.open(origin + (await test.link('watch', id)))
    for (const events of hostileArticle()) await test.record(id, events)
    await page.locator('.pill', { hasText: 'Ready' }).waitFor()
    await page.getByRole('status').getByText('research.md is ready.').waitFor({ state: 'attached' })
    assert.equal(await page.locator('img, iframe, #live script').count(), 0)
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0)
    assert.deepEqual(problems, [])
    for (const [name, colorScheme, width] of [
      ['article-light', 'light', 1100],
      ['article-dark', 'dark', 1100],
      ['article-phone', 'light', 390],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      assert.equal(overflow, 0, name)
      const options = shot(name)
      if (options) await page.screenshot({ ...options, fullPage: true })
    }
  })

  it('without JavaScript the whole way works: start, upload, watch, further upload', async () => {
    await using test = await startTestApp()
    const origin = await test.listen()
    const { page } = await browser.open(origin, { javaScriptEnabled: false })
    await page.setInputFiles('#file', {
      name: 'guide.md',
      mimeType: 'text/markdown',
      buffer: guideline,
    })
    await page.getByRole('button', { name: 'Create article' }).click()
    assert.match(page.url(), /\/articles\/[0-9a-f-]{36}$/)
    const id = page.url().split('/').at(-1) ?? ''
    await test.record(id, hostileArticle()[0] ?? [])
    await page.reload()
    await page.getByRole('button', { name: 'Upload the missing files' }).click()
    const buffer = Buffer.from('print(1)')
    await page.setInputFiles('#file', { name: 'ants.py', mimeType: 'text/plain', buffer })
    await page.getByRole('button', { name: 'Upload files' }).click()
    await page.getByRole('heading', { name: 'Your files are here' }).waitFor()
    await page.getByRole('link', { name: 'Watch the research' }).click()
    assert.ok(await page.getByText('ants.py').isVisible())
  })
})
