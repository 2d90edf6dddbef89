import { Session } from 'node:inspector/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { compose } from '../src/compose/compose.ts'
import { parseConfig } from '../src/config.ts'
import { freshDatabase, stopTestServer } from '../test/support/database.ts'
import { fileForm } from '../test/support/form.ts'
import { connectClient } from '../test/support/mcp-clients.ts'
import { startSearchServer } from '../test/support/search-server.ts'
import { startSite } from '../test/support/site.ts'
import { until } from '../test/support/until.ts'

const src = fileURLToPath(new URL('../src/', import.meta.url))
const page = `<title>Ledgers</title><h1>Ledgers</h1><p>${'Words about ledgers and their keepers. '.repeat(20)}</p>`

/** Timers of a server run now and then; what runs in each of so many requests belongs to the request. */
const repeats = 3

/**
 * How many files of src a reader opens who follows one request through a server that does everything. A file
 * counts when one of its functions ran, by V8's precise coverage; what ran at start-up does not count, nor what the
 * conversion process runs.
 */
export async function* journeys(part?: string): AsyncGenerator<object> {
  await using closing = new AsyncDisposableStack()
  closing.defer(stopTestServer)
  const db = closing.use(await freshDatabase())
  const site = closing.use(await startSite({ '/a': page, '/b': page, '/c': page, '/d': page }))
  const search = closing.use(await startSearchServer([]))
  const parsed = parseConfig({
    DATABASE_URL: db.url,
    SERVER_PORT: '0',
    NOVA_FETCH_ALLOW: `pages.example:80=127.0.0.1:${site.port}`,
    NOVA_SEARXNG_URL: `${search.origin}/searxng`,
    NOVA_LINK_SECRET: 'k'.repeat(32),
  })
  if (!parsed.ok) throw new Error(parsed.problem)
  const nova = await compose(parsed.config, { log: pino({ level: 'error' }, pino.destination(2)) })
  closing.defer(() => nova.close())
  const { mcpUrl } = await nova.listen()
  const client = closing.use(await connectClient('2026-07-28', new URL(mcpUrl), {}))
  const coverage = closing.use(await startCoverage())

  const guideline = (n: number) =>
    `# Ledgers ${n}\n\n- http://pages.example/${'abcd'[n % 4]}\n- [notes](notes.md)\n`
  const articleIds = async () => {
    const made = []
    for (let n = 0; n <= repeats; n++) {
      const { article_id } = await client.ok('create_article', { guideline: guideline(n) })
      await client.ok('extract_guidelines_urls', { article_id })
      made.push(String(article_id))
    }
    return made
  }
  const uploadLinks = async () => {
    const made = []
    for (const article_id of await articleIds()) {
      const { url } = await client.ok('request_upload_link', { purpose: 'files', article_id })
      made.push(String(url))
    }
    return made
  }
  const extract = (article_id: string) => client.ok('extract_guidelines_urls', { article_id })
  const journeysOf: Record<string, () => Promise<(() => Promise<unknown>)[]>> = {
    'fast tool (list_articles)': async () =>
      (await articleIds()).map(() => () => client.ok('list_articles', {})),
    'fast tool (extract_guidelines_urls)': async () =>
      (await articleIds()).map((id) => () => extract(id)),
    'slow tool (scrape_and_clean_other_urls)': async () =>
      (await articleIds()).map(
        (article_id) => () => client.ok('scrape_and_clean_other_urls', { article_id }),
      ),
    'upload (a file by link)': async () =>
      (await uploadLinks()).map((url) => async () => {
        const { payload, headers } = fileForm('notes.md', '# Notes\n\nOf ledgers.\n')
        const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(payload) })
        if (answer.status !== 201) throw new Error(`upload: ${answer.status}`)
      }),
  }
  for (const [journey, prepare] of Object.entries(journeysOf)) {
    const [first, ...others] = await prepare()
    // What is loaded when it is first needed counts no more than what is loaded at the start.
    await first?.()
    const runs: Set<string>[] = []
    for (const request of others) {
      await idle(nova.database.owner)
      await coverage.files()
      await request()
      runs.push(await coverage.files())
    }
    const files = [...(runs[0] ?? [])].filter((file) => runs.every((run) => run.has(file))).sort()
    yield { journey, files: files.length, ...(part === 'list' && { list: files }) }
  }
}

/** Until projections have seen everything and their workers rest, so that no request pays for the one before. */
const idle = (owner: { query: (sql: string) => Promise<{ rows: { n: number }[] }> }) =>
  until(async () => {
    const { rows } = await owner.query(`select count(*)::int as n from nova.projections
      where status = 'live' and position < (select max(global_position) from nova.events)`)
    return rows[0]?.n === 0
  }, 'projections have caught up')

async function startCoverage() {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  return {
    /** The files of src of which functions ran since the last time. */
    async files(): Promise<Set<string>> {
      const { result } = await session.post('Profiler.takePreciseCoverage')
      const ran = result.filter(({ url, functions }) => {
        if (!url.startsWith('file:') || !fileURLToPath(url).startsWith(src)) return false
        // The function that begins at 0 is the module itself, which runs when it is loaded.
        return functions.some(({ ranges: [whole] }) => whole?.count && whole.startOffset > 0)
      })
      return new Set(ran.map(({ url }) => relative(src, fileURLToPath(url))))
    },
    [Symbol.dispose]: () => session.disconnect(),
  }
}
