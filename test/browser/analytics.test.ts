import assert from 'node:assert/strict'
import { it } from 'node:test'
import { grantAnalyticsLink } from '../../src/commands/links/analytics-link.ts'
import {
  ServicesUsed,
  ToolCalled,
  usageMonth,
  usageStream,
} from '../../src/events/usage/usage-events.ts'
import { callerNamed, startTestApp } from '../support/app.ts'
import { appendTo } from '../support/append-to.ts'
import { startBrowser } from '../support/browser.ts'

interface Box {
  x: number
  width: number
}

it('a browser opens the plots by a link, and another month from there', async () => {
  await using test = await startTestApp({ NOVA_ACCESS_TOKEN: 't'.repeat(32) })
  await using browser = await startBrowser()
  await test.listen()
  const now = test.clock.now
  const called = ToolCalled({
    call_id: 'call1',
    tool: 'get_article',
    article_id: null,
    weight: 7,
    called_at: now.toISOString(),
  })
  const stream = { userId: 'ann', streamId: usageStream('ann', usageMonth(now)) }
  const options = { expectedVersion: 0, metadata: { actor: 'agent' } } as const
  const used = { service: 'maker:a-model', requests: 4321, input_tokens: 98_765_432 }
  const billed = ServicesUsed({
    call_id: 'call1',
    article_id: null,
    services: [{ ...used, output_tokens: 7_654_321, cost_usd: 123.45 }],
    used_at: now.toISOString(),
  })
  await appendTo(test.deps.store, stream, [called, billed], options)
  await test.project()
  const { url } = await grantAnalyticsLink(test.deps, callerNamed('root'))
  const { page, problems } = await browser.open(url)
  await page.getByRole('heading', { name: `Usage in ${usageMonth(now)}` }).waitFor()
  await page.getByRole('img', { name: 'Users by use' }).getByText('ann').waitFor()
  await page.getByText('4321, 99M + 7.7M tokens, $123.45').waitFor()
  const ends = await page.locator('svg[role=img] text').evaluateAll((texts) =>
    texts.map((text) => {
      const { x, width } = (text as unknown as { getBBox: () => Box }).getBBox()
      return x + width
    }),
  )
  assert.ok(ends.length > 0 && Math.max(...ends) <= 760, 'no number is cut off')
  if (process.env.NOVA_SCREENSHOTS) {
    await page.screenshot({ path: `${process.env.NOVA_SCREENSHOTS}/analytics.png`, fullPage: true })
  }
  await page.getByRole('navigation', { name: 'Months' }).getByRole('link').first().click()
  await page.waitForURL(/\?month=/)
  await page.getByRole('heading', { name: `Usage in ${usageMonth(now)}` }).waitFor()
  assert.deepEqual(problems, [])
})
