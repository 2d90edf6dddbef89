import chromium from '@sparticuz/chromium'
import {
  type Browser,
  type BrowserContextOptions,
  chromium as driver,
  type Page,
} from 'playwright-core'

export interface TestBrowser extends AsyncDisposable {
  /** A page of its own that fails on script errors and refused content; see `problems`. */
  open(url: string, options?: BrowserContextOptions): Promise<{ page: Page; problems: string[] }>
}

/** A real browser without a window. Costs about a second, so one per test file. */
export async function startBrowser(): Promise<TestBrowser> {
  const browser: Browser = await driver.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args,
    headless: true,
  })
  return {
    async open(url, options = {}) {
      const page = await (await browser.newContext(options)).newPage()
      const problems: string[] = []
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text())
      })
      page.on('dialog', (dialog) => {
        problems.push(`dialog: ${dialog.message()}`)
        dialog.dismiss().catch(() => {})
      })
      await page.goto(url)
      return { page, problems }
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}
