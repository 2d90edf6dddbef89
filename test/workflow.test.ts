import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startExampleSite } from '../examples/site-server.ts'
import { research as researchCommand } from '../src/cli/research.ts'
import { connectMcp } from '../src/cli/workflow/connect-mcp.ts'
import { readGuidelineFile } from '../src/cli/workflow/local-inputs.ts'
import type { Watch } from '../src/cli/workflow/run-events.ts'
import { runWorkflow } from '../src/cli/workflow/run-workflow.ts'
import { readSummary, type Summary } from '../src/cli/workflow/summary.ts'
import { cliCall, rememberingTerminal } from './support/cli-call.ts'
import { freshDatabase, type TestDatabase } from './support/database.ts'
import { startNova, startNovaServer } from './support/nova-process.ts'

const guidelinePath = fileURLToPath(
  new URL('../examples/event-sourcing/article_guideline.md', import.meta.url),
)

const settingsFor = (site: { environment: Record<string, string> }, { url }: TestDatabase) => ({
  ...site.environment,
  DATABASE_URL: url,
  NOVA_DATA_DIR: '/nonexistent',
  NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
  NOVA_FETCH_TIMEOUT: '8',
})

async function research(mcpUrl: string, watch: Watch = () => {}) {
  const stopping = new AbortController().signal
  await using open = new AsyncDisposableStack()
  const connect = async () => open.use(await connectMcp({ mcpUrl, stopping }))
  const guideline = await readGuidelineFile(guidelinePath)
  const {
    articleId,
    research: bytes,
    run: last,
  } = await runWorkflow({
    nova: await connect(),
    away: { reconnect: connect, patienceMs: 60_000 },
    guidelinePath,
    guideline,
    rounds: 3,
    resume: false,
    watch,
    stopping,
  })
  assert.ok(bytes, `the run is ${last?.status}: ${last?.question?.text}`)
  const summary = await readSummary(await connect(), articleId)
  return { articleId, text: bytes.toString('utf8'), summary }
}

/** How often each source of the database was recorded as read. */
async function timesScraped({ database }: TestDatabase): Promise<number[]> {
  const { rows } = await database.owner.query<{ times: number }>(
    `select count(*)::int as times from nova.events where type = 'SourceScraped'
     group by stream_id, data->>'source'`,
  )
  return rows.map(({ times }) => times)
}

/** The rows of the list of sources: `| 1–3, 5 | read |` holds 1, 2, 3 and 5. */
function rowsOf(research: string): { numbers: number[]; state: string }[] {
  const [, list = ''] = research.split('\n## Sources\n')
  return [...list.matchAll(/^\| ([\d–, ]+) \| (.*) \|$/gm)].map(([, ranges = '', state = '']) => ({
    numbers: ranges.split(', ').flatMap((range) => {
      const [from = 0, to = from] = range.split('–').map(Number)
      return Array.from({ length: to - from + 1 }, (_, n) => from + n)
    }),
    state,
  }))
}

describe('from a guideline to research.md', { concurrency: true }, () => {
  it('keeps every source, every failure and every file, in sections in their order', async () => {
    await using site = await startExampleSite()
    await using database = await freshDatabase()
    await using server = await startNovaServer(settingsFor(site, database))
    const { articleId, text, summary } = await research(server.mcpUrl)

    const headings = text.match(/^## .+$/gm)
    assert.deepEqual(
      headings?.filter((line) => sections.includes(line)),
      sections,
    )
    const rows = rowsOf(text)
    for (const { source, state } of summary.sources) {
      const said = rows.filter(({ numbers }) => numbers.includes(source))
      assert.equal(said.length, 1, `source ${source} is in the list`)
      assert.equal(said[0]?.state === 'failed', state === 'failed', `source ${source}`)
    }
    assert.equal(summary.rounds, 3)
    assert.deepEqual(failuresOf(summary), failuresOfTheSite)
    assert.equal(summary.sources.filter((source) => source.kind === 'file').length, 4)
    assert.ok(summary.sources.some((source) => source.decision === 'kept'))
    assert.ok(!site.requests.some((request) => request.includes('/internal/')))
    for (const [what, words] of gathered) assert.ok(text.includes(words), what)
    for (const [what, words] of leftOut) assert.ok(!text.includes(words), what)
    server.signal('SIGTERM')
    assert.equal(await server.ended, 0)

    const asked = site.requests.length
    const terminal = rememberingTerminal()
    const replay = { positionals: ['replay', articleId] }
    const code = await researchCommand.run(
      cliCall(terminal, { DATABASE_URL: database.url }, replay),
    )
    assert.equal(code, 0, terminal.err())
    assert.match(terminal.out(), /byte-identical/)
    assert.equal(site.requests.length, asked, 'a replay asks nobody')
  })

  it('waits for a server that is killed and restarted, and reads no source twice', async () => {
    await using site = await startExampleSite()
    await using database = await freshDatabase()
    const settings = settingsFor(site, database)
    await using killed = await startNovaServer(settings)
    const { port } = new URL(killed.mcpUrl)
    let done = 0
    let before: number[] = []
    await using restarted = new AsyncDisposableStack()
    const restart = async () => {
      killed.signal('SIGKILL')
      assert.equal(await killed.ended, 'SIGKILL')
      before = await timesScraped(database)
      restarted.use(startNova(['serve', '--port', port], settings))
    }
    let restarting: Promise<void> | undefined
    const { text, summary } = await research(killed.mcpUrl, (event) => {
      if (event.kind === 'progress' && event.progress.message.startsWith('done')) done += 1
      if (done === 5) restarting ??= restart()
    })
    await restarting
    assert.ok(before.length > 0 && before.length < summary.sources.length)
    assert.deepEqual(
      (await timesScraped(database)).filter((times) => times !== 1),
      [],
    )
    assert.deepEqual(failuresOf(summary), failuresOfTheSite)
    for (const [what, words] of gathered) assert.ok(text.includes(words), what)
  })

  it('leaves a run at Ctrl-C that --resume completes', async () => {
    await using site = await startExampleSite()
    await using database = await freshDatabase()
    await using server = await startNovaServer(settingsFor(site, database))
    const folder = await mkdtemp(join(tmpdir(), 'nova-research-'))
    const output = join(folder, 'research.md')
    const args = ['research', guidelinePath, '--server', server.mcpUrl, '-o', output]
    await using stopped = startNova(args, {})
    await stopped.printed(/done: /)
    stopped.signal('SIGINT')
    assert.equal(await stopped.ended, 130)
    assert.match(stopped.output(), /--resume goes on with it/)

    await using resumed = startNova([...args, '--resume'], {})
    assert.equal(await resumed.ended, 0, resumed.output())
    assert.match(await readFile(output, 'utf8'), /^# Research/)
    assert.deepEqual(
      (await timesScraped(database)).filter((times) => times !== 1),
      [],
    )

    await rm(output)
    await using fetched = startNova([...args, '--resume'], {})
    assert.equal(await fetched.ended, 0, fetched.output())
    assert.match(await readFile(output, 'utf8'), /^# Research/)
    const { rows } = await database.database.owner.query(
      `select count(*)::int as runs from nova.events where type = 'ResearchRunStarted'`,
    )
    assert.deepEqual(rows, [{ runs: 1 }], 'what had finished is fetched and not begun again')
    await rm(folder, { recursive: true })
  })
})

const failuresOfTheSite = ['TIMEOUT', 'NOT_FOUND (status 404)', 'ROBOTS_DISALLOWED']

const failuresOf = ({ sources }: Summary) =>
  sources.filter((source) => source.state === 'failed').map((source) => source.failure)

const sections = [
  '## Coverage',
  '## Additional Sources Scraped',
  '## Code Sources',
  '## YouTube Video Transcripts',
  '## Local Files',
  '## Research Results',
  '## Sources Scraped From Research Results',
  '## Sources',
]

/** What each kind of source has to bring along. */
const gathered: [what: string, words: string][] = [
  ['the long article to its end', 'she had nothing to ask'],
  ['accents of a page in ISO-8859-1', 'la comptabilité savait déjà'],
  ['the article within a megabyte of script', 'the best bad day the company has had'],
  ['code with its language', '```python'],
  ['a table whose cells span', '| 10,000 | 33,500      | 310 MB | not advisable |       |'],
  ['every post of a thread', 'handler that iterated over a set'],
  ['formulas', 'L = \\lambda W'],
  ['plain text', 'GoodsReturned'],
  ['Markdown as it was answered', 'Postglide changelog'],
  ['the text of a PDF', 'engineering, not hardware'],
  ['a page behind a redirect', 'Deleting every snapshot'],
  ['a slow page', 'Lag has to be reported in events and in seconds'],
  ['the code of a repository', 'export class Journal'],
  ['the commit of a repository', '8f14e45fceea167a5a36dedd4bea2543c5d1f0a7'],
  ['a transcript', 'a table that I am going to delete'],
  ['a local text', 'I slept well'],
  ['a local program', 'psycopg.connect'],
  ['the outputs of a notebook', '| 8       | 3420      |'],
  ['a local draft', 'a log that never forgets'],
]

const leftOut: [what: string, words: string][] = [
  ['no script of a page', '__module_'],
  ['no banner for cookies', '214 partners'],
  ['no bytes of a picture', 'iVBORw0KGgo'],
  ['no hash of a lock file', 'sha512-'],
  ['no link that stands in code only', 'example.com/not-a-source'],
]
