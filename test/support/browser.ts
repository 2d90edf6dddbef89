import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import chromium from '@sparticuz/chromium'
import {
  type Browser,
  type BrowserContextOptions,
  chromium as driver,
  type Page,
} from 'playwright-core'
import packageJson from '../../package.json' with { type: 'json' }

/** The package's version; another version does not use the browser of this one. */
const version = packageJson.devDependencies['@sparticuz/chromium'].replace(/\W/g, '')

const run = promisify(execFile)

export interface TestBrowser extends AsyncDisposable {
  /** A page of its own that fails on script errors and refused content; see `problems`. */
  open(url: string, options?: BrowserContextOptions): Promise<{ page: Page; problems: string[] }>
}

/** A real browser without a window. Costs about a second, so one per test file. */
export async function startBrowser(): Promise<TestBrowser> {
  const browser: Browser = await driver.launch({
    executablePath: await unpackedBrowser(),
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

/**
 * The browser's program, unpacked once for this folder of temporary files. The package trusts whatever it finds
 * in that folder, also what another process is still writing; so it gets an empty one, which is then renamed.
 */
async function unpackedBrowser(): Promise<string> {
  const folder = join(tmpdir(), `nova-browser-${process.getuid?.()}-${version}`)
  if (!existsSync(folder)) {
    const draft = await mkdtemp(`${folder}-`)
    try {
      const unpack = `await (await import('@sparticuz/chromium')).default.executablePath()`
      await run(process.execPath, ['--input-type=module', '--eval', unpack], {
        cwd: import.meta.dirname,
        env: { ...process.env, TMPDIR: draft },
      })
      // Fails when another process was first, whose browser is as good.
      await rename(draft, folder).catch(() => {})
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  }
  return join(folder, 'chromium')
}
