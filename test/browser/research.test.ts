import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'
import { startBrowser } from '../support/browser.ts'
import { mcpWorld } from '../support/mcp-world.ts'

it('a person gets from a guideline to research.md with a browser, past a question', async () => {
  await using world = await mcpWorld({ environment: { SERVER_PORT: '0', SERVER_URL: '' } })
  await using browser = await startBrowser()
  const { url } = await world.nova.listen()
  const { page, problems } = await browser.open(url)
  await page.getByText('or paste the text').click()
  const guideline = '# On ledgers\n\nRead http://pages.example/missing\n'
  await page.getByLabel('Guideline', { exact: true }).fill(guideline)
  await page.getByRole('button', { name: 'Create article' }).click()

  await page.getByRole('heading', { name: 'On ledgers' }).waitFor()
  await page.getByLabel('Rounds of web research').fill('0')
  await page.getByRole('button', { name: 'Research this article' }).click()

  // Its only page cannot be read: the run asks, on the page that shows it live.
  await page.getByText('0 of 1 succeeded').waitFor()
  await page.getByText('http://pages.example/missing').first().waitFor()
  if (process.env.NOVA_SCREENSHOTS) {
    await page.screenshot({ path: `${process.env.NOVA_SCREENSHOTS}/question.png`, fullPage: true })
  }
  await page.getByRole('button', { name: 'Go on without' }).click()

  const button = page.getByRole('button', { name: 'Download' })
  await button.waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
  assert.match(await readFile(await download.path(), 'utf8'), /^# Research/)
  assert.deepEqual(problems, [])
})
