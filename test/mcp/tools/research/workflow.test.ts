import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clientKinds } from '../../../support/mcp-clients.ts'
import { mcpWorld } from '../../../support/mcp-world.ts'

const page = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body><article><h1>${title}</h1>
  <p>${`${title} explains how an append-only log keeps what happened, in order and for ever. `.repeat(8)}</p>
  </article></body></html>`

const guideline = `# The log

Read http://pages.example/one and http://pages.example/two, and also http://pages.example/gone.
Our notes are in \`notes.md\`.
`

const hits = [
  {
    url: 'http://pages.example/found-1',
    title: 'Append-only logs',
    snippet: 'About append-only logs.',
  },
  { url: 'http://pages.example/found-2', title: 'Event stores', snippet: 'About event stores.' },
]

const routes = {
  '/one': page('Page one'),
  '/two': page('Page two'),
  '/found-1': page('Append-only logs'),
  '/found-2': page('Event stores'),
}

describe('the workflow', { concurrency: 1 }, () => {
  for (const kind of clientKinds) {
    it(`leads a client of ${kind} from a guideline to research.md`, async () => {
      await using world = await mcpWorld({ routes, hits })
      const { ok, client, protocol } = await world.connect(kind)
      assert.equal(protocol, kind === '2025' ? '2025-11-25' : '2026-07-28')
      const created = await ok('create_article', { guideline })
      const article_id = created.article_id
      assert.match(String(created.progress_url), /^http:\/\/127\.0\.0\.1:8000\/watch\//)

      const links = await ok('extract_guidelines_urls', { article_id })
      assert.deepEqual(links.counts, { web: 3, github: 0, youtube: 0, files: 1 })
      const upload = await ok('request_upload_link', { purpose: 'files', article_id })
      assert.deepEqual(upload.missing_files, ['notes.md'])

      const read = await ok('scrape_and_clean_other_urls', { article_id, wait_seconds: 50 })
      assert.equal(read.status, 'completed')
      assert.deepEqual([read.succeeded, read.failed], [2, 1])
      for (const tool of ['process_github_urls', 'transcribe_youtube_urls']) {
        assert.equal((await ok(tool, { article_id })).status, 'nothing_to_do')
      }

      const planned = await ok('generate_next_queries', { article_id, count: 2 })
      assert.equal(planned.by, 'heuristic')
      const searched = await ok('run_perplexity_research', { article_id, wait_seconds: 50 })
      assert.equal(searched.status, 'completed')
      assert.equal(searched.found_total, 2)
      const again = await ok('run_perplexity_research', {
        article_id,
        queries: [
          'what is an event store?',
          { query: 'who needs one?', reason: 'the outline asks' },
        ],
        wait_seconds: 50,
      })
      assert.equal(again.total, 2)

      const found = again.found as { source: number }[]
      const [first, second] = found.map((item) => item.source)
      const selected = await ok('select_research_sources_to_keep', {
        article_id,
        keep: [
          { source: first, reason: 'to the point' },
          { source: second, keep: false, reason: 'a repetition' },
        ],
      })
      assert.deepEqual([selected.kept, selected.rejected, selected.by], [1, 1, 'agent'])
      const chosen = await ok('select_research_sources_to_scrape', { article_id, max: 3 })
      assert.deepEqual(
        (chosen.chosen as { source: number }[]).map((c) => c.source),
        [first],
      )
      const scraped = await ok('scrape_research_urls', { article_id, wait_seconds: 50 })
      assert.deepEqual([scraped.status, scraped.succeeded], ['completed', 1])

      const file = await ok('create_research_file', { article_id })
      assert.match(String(file.sha256), /^[0-9a-f]{64}$/)
      assert.match(String(file.download_url), /^http:\/\/127\.0\.0\.1:8000\/download\//)
      const research = await ok('read_research', { article_id })
      assert.equal(research.sha256, file.sha256)
      assert.match(String(research.text), /BEGIN UNTRUSTED[\s\S]*## Research Results/)
      const article = await ok('get_article', { article_id })
      assert.equal(article.status, 'completed')
      const listed = await ok('list_articles')
      assert.equal((listed.articles as object[]).length, 1)
      const { contents } = await client.readResource({
        uri: `nova://articles/${article_id}/research.md`,
      })
      assert.match(JSON.stringify(contents), /Page one/)
      const usage = await ok('account_usage')
      // 17 calls with this one; the two that found nothing to do were given back.
      assert.equal(usage.used, 15)
      assert.deepEqual(world.logged, [])
    })
  }
})
