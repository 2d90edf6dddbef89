import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { startExampleSite } from '../examples/site-server.ts'
import { findLocalFiles } from '../src/cli/workflow/local-inputs.ts'
import { uploadThrough } from '../src/cli/workflow/transfer.ts'
import { issueApiToken } from '../src/commands/people/issue-api-token.ts'
import { composeStores } from '../src/compose/compose-stores.ts'
import { apiTokensProjection } from '../src/projections/people/api-tokens.ts'
import { drainProjection } from '../src/store/projections/projection-step.ts'
import { freshDatabase, stopTestServer, type TestDatabase } from '../test/support/database.ts'
import { type Connected, connectClient } from '../test/support/mcp-clients.ts'
import { startNovaServer } from '../test/support/nova-process.ts'
import { processTree } from './runs/process-tree.ts'

const guidelinePath = fileURLToPath(
  new URL('../examples/event-sourcing/article_guideline.md', import.meta.url),
)
const usersMax = 10
const runsAtOnce = [1, 10, 50]

/**
 * The demo's article by research runs: what one costs, and how many at once a server carries. Runs of as many
 * users as there are, ten at most, start together on a server and a database of their own. A number names one count.
 */
export async function* runs(part?: string): AsyncGenerator<object> {
  try {
    for (const count of part === undefined ? runsAtOnce : [Number(part)]) {
      await using site = await startExampleSite()
      await using db = await freshDatabase()
      // Before the server, whose worker would fold them when it comes to it.
      const users = Array.from({ length: Math.min(count, usersMax) }, (_, n) => `user-${n}`)
      const tokens: string[] = []
      for (const user of users) tokens.push(await tokenFor(db, user))
      await using server = await startNovaServer({
        ...site.environment,
        DATABASE_URL: db.url,
        NOVA_FETCH_TIMEOUT: '3',
        NOVA_LINK_SECRET: 'k'.repeat(32),
      })
      await using closing = new AsyncDisposableStack()
      const clients: Connected[] = []
      for (const token of tokens) {
        const authorization = `Bearer ${token}`
        const url = new URL(server.mcpUrl)
        clients.push(closing.use(await connectClient('2026-07-28', url, { authorization })))
      }
      yield await atOnce(count, clients, db, server.pid)
    }
  } finally {
    await stopTestServer()
  }
}

async function tokenFor({ database }: TestDatabase, userId: string): Promise<string> {
  const caller = { userId, metadata: { actor: 'cli' as const } }
  const { token } = await issueApiToken(composeStores(database), caller, {
    name: 'bench',
    scopes: ['nova:read', 'nova:write'],
    expiresAt: null,
  })
  await drainProjection(database.projector, apiTokensProjection)
  return token
}

async function atOnce(
  count: number,
  clients: readonly Connected[],
  { database }: TestDatabase,
  serverPid: number,
): Promise<object> {
  const articles: { client: Connected; article_id: string; user: number }[] = []
  for (let n = 0; n < count; n += 1) {
    const user = n % clients.length
    const client = clients[user]
    if (client) articles.push({ client, article_id: await uploadArticle(client), user })
  }
  const [before, postgres] = [await processTree(serverPid), await postgresPid(database.owner)]
  const databaseBefore = cpuOf(await processTree(postgres))
  const begun = performance.now()
  const finished: { user: number; seconds: number }[] = []
  await Promise.all(
    articles.map(async ({ client, article_id, user }) => {
      const { status } = await client.ok('research_article', { article_id, wait_seconds: 50 })
      if (status !== 'finished') throw new Error(`a run ended ${status}`)
      finished.push({ user, seconds: (performance.now() - begun) / 1000 })
    }),
  )
  const seconds = (performance.now() - begun) / 1000
  const [server, ...below] = await processTree(serverPid)
  const cpu = cpuOf([...(server ? [server] : []), ...below]) - cpuOf(before)
  const byUser = clients.map((_, user) =>
    mean(finished.filter((run) => run.user === user).map((run) => run.seconds)),
  )
  return {
    runs: count,
    users: clients.length,
    seconds: round(seconds),
    articles_per_minute: round((count / seconds) * 60),
    first_s: round(Math.min(...finished.map((run) => run.seconds))),
    cpu_s_per_article: round(cpu / count),
    database_cpu_s_per_article: round(
      (cpuOf(await processTree(postgres)) - databaseBefore) / count,
    ),
    server_memory_peak_mb: server?.memory_peak_mb,
    conversion_memory_peak_mb: below.reduce((sum, { memory_peak_mb: mb }) => sum + mb, 0),
    ...(await storedPerArticle(database.owner, count)),
    // Means of the users' finishing times: 1 is the same for all.
    slowest_user_to_fastest: round(Math.max(...byUser) / Math.min(...byUser)),
  }
}

/** The article of the demo with its local files, as far as `research_article` takes it over. */
async function uploadArticle(client: Connected): Promise<string> {
  const guideline = await readFile(guidelinePath, 'utf8')
  const { article_id } = await client.ok('create_article', { guideline })
  const found = await client.ok('extract_guidelines_urls', { article_id })
  const { files } = await findLocalFiles(guidelinePath, found.missing_files as string[])
  const { url } = await client.ok('request_upload_link', { purpose: 'files', article_id })
  await uploadThrough(String(url), 'files', files, new AbortController().signal)
  return String(article_id)
}

/** Events and bytes of article streams and bodies; tables with their indexes, as the disk has them. */
async function storedPerArticle(owner: pg.Pool, count: number) {
  const { rows } = await owner.query<{ events: number; bodies: number; bytes: number }>(
    `select (select count(*) from nova.events)::int as events,
       (select count(*) from nova.contents)::int as bodies,
       (select sum(size) from nova.contents)::float8 as bytes`,
  )
  const size = await owner.query<{ bytes: number }>(
    'select pg_database_size(current_database())::float8 as bytes',
  )
  const [stored] = rows
  return {
    events_per_article: round((stored?.events ?? 0) / count),
    bodies_per_article: round((stored?.bodies ?? 0) / count),
    body_bytes_per_article: Math.round((stored?.bytes ?? 0) / count),
    database_mb: Math.round((size.rows[0]?.bytes ?? 0) / 1e6),
  }
}

/** The postmaster: it counts the processor time of the connections that have ended. */
async function postgresPid(owner: pg.Pool): Promise<number> {
  const { rows } = await owner.query<{ pid: number }>('select pg_backend_pid() as pid')
  const stat = await readFile(`/proc/${rows[0]?.pid}/stat`, 'utf8').catch(() => '')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

const cpuOf = (processes: readonly { cpu_s: number }[]): number =>
  processes.reduce((sum, { cpu_s }) => sum + cpu_s, 0)

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const round = (value: number): number => Math.round(value * 100) / 100
