import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { it } from 'node:test'
import { mcpWorld } from '../../../support/mcp-world.ts'
import { until } from '../../../support/until.ts'

it('archive_article stops what is running, lists say so, and taking it back goes on where it was', async () => {
  const held: ServerResponse[] = []
  await using world = await mcpWorld({
    routes: { '/slow': (_request, response) => void held.push(response) },
  })
  const { ok, call } = await world.connect('auto')
  const guideline = '# Ants\n\nhttp://pages.example/slow'
  const { article_id } = await ok('create_article', { guideline })
  await ok('extract_guidelines_urls', { article_id })
  const started = await ok('scrape_and_clean_other_urls', { article_id, wait_seconds: 0 })
  await until(() => held.length > 0, 'the page is asked for')

  const put = await ok('archive_article', { article_id })
  assert.equal(put.archived, true)
  const { operation_id } = started
  const ended = await ok('get_operation', { operation_id, wait_seconds: 50 })
  assert.equal(ended.status, 'cancelled')
  const [listed] = (await ok('list_articles')).articles as { archived: boolean }[]
  assert.equal(listed?.archived, true)
  const refused = await call('scrape_and_clean_other_urls', { article_id })
  assert.equal(refused.refusal.code, 'ARTICLE_ARCHIVED')

  const taken = await ok('archive_article', { article_id, archived: false })
  assert.equal(taken.archived, false)
  assert.deepEqual((taken.next_step as { tool: string }).tool, 'scrape_and_clean_other_urls')
})
