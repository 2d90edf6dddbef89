import assert from 'node:assert/strict'
import { it } from 'node:test'
import { freshDatabase } from '../support/database.ts'
import { startNova } from '../support/nova-process.ts'
import { until } from '../support/until.ts'

it('an event that one projection cannot apply stops that one only: the server stays in rotation, and says which event and why', async () => {
  await using db = await freshDatabase()
  const { app, owner } = db.database
  await using nova = startNova(['serve', '-p', '0'], {
    DATABASE_URL: db.url,
    NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
  })
  const [, mcpUrl = ''] = await nova.printed(/MCP +(\S+)\n/)
  const { rows } = await app.query<{ last_position: number }>(
    `select last_position from nova.append('ada', 'usage-ada-2026-05', null, null, '{01X}',
       '{ToolCallSettled}', '{1}',
       array['{"tool": "get_article", "call_id": "x", "items_ok": "of Ada"}'::jsonb], '{}')`,
  )
  const poison = rows[0]?.last_position ?? 0
  const status = async () => {
    const live = await owner.query<{ name: string; position: number; failed: number | null }>(
      `select name, position, failed_position as failed from nova.projections where status = 'live'`,
    )
    return live.rows
  }
  await until(
    async () =>
      (await status()).every(({ position, failed }) => failed === poison || position >= poison),
    'every projection to be before the poison or past it',
  )
  const stopped = (await status()).filter(({ failed }) => failed !== null)
  assert.ok(stopped.some(({ name }) => name === 'usage'))
  const others = (await status()).filter(({ position }) => position >= poison)
  assert.ok(others.some(({ name }) => name === 'articles'))

  const response = await fetch(mcpUrl.replace(/\/mcp$/, '/readyz'))
  assert.equal(response.status, 200)
  const { ok, degraded, checks } = (await response.json()) as {
    ok: boolean
    degraded: boolean
    checks: { name: string; ok: boolean; detail: string }[]
  }
  assert.deepEqual([ok, degraded], [true, true])
  const told = checks.find(({ name }) => name === 'projections')
  assert.equal(told?.ok, false)
  assert.match(
    told?.detail ?? '',
    new RegExp(`usage stopped before the event at ${poison}: invalid`),
  )
  assert.doesNotMatch(told?.detail ?? '', /Ada/)
})
