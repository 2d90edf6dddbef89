import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { pino } from 'pino'
import { doctor } from '../src/cli/doctor.ts'
import { issueApiToken } from '../src/commands/people/issue-api-token.ts'
import { compose, type Nova } from '../src/compose/compose.ts'
import { parseConfig, settingNames } from '../src/config.ts'
import { resources } from '../src/mcp/resources/resources.ts'
import { startApiServer } from './support/api-server.ts'
import { cliCall, rememberingTerminal } from './support/cli-call.ts'
import { freshDatabase, type TestDatabase } from './support/database.ts'
import { fileForm } from './support/form.ts'
import { connectClient } from './support/mcp-clients.ts'

/*
 * A secret is planted in every setting that holds one. Then everything goes wrong that can: services answer
 * with the request's own headers, tokens are wrong, the database is gone. Nothing that was logged, stored,
 * shown or answered may hold any of them.
 */

const secret = (name: string) =>
  name === 'NOVA_WEBHOOK_SECRET'
    ? `whsec_${randomBytes(32).toString('base64')}`
    : `planted-${name.toLowerCase()}-${randomBytes(16).toString('hex')}`

/** Settings that hold a secret and are not told by their name. */
const secretInside = ['DATABASE_URL']
/** Named like a secret, and none: limits, addresses. */
const notSecret: string[] = []

const planted = new Map(
  settingNames
    .filter((name) => /KEY|TOKEN|SECRET|PASS/.test(name) || secretInside.includes(name))
    .filter((name) => !notSecret.includes(name))
    .map((name) => [name, secret(name)]),
)

/** A page that is nothing without its script, so that the browsers elsewhere are asked. */
const shell =
  '<!doctype html><title>App</title><div id="root"></div><script src="/app.js"></script>'

/** Answers every call with what it was sent, as careless services do, one time as an error, then as nonsense. */
const startEcho = () => {
  let answered = 0
  return startApiServer(({ path, headers, parameters }) => {
    if (path === '/page') return { headers: { 'content-type': 'text/html' }, body: shell }
    const echo = JSON.stringify({ headers, query: [...parameters] })
    answered += 1
    if (answered % 3 === 0) return { status: 200, body: { unexpected: echo } }
    return { status: answered % 2 ? 401 : 500, body: { error: { message: echo } } }
  })
}

function settingsFor(db: TestDatabase, echo: string): Record<string, string> {
  const database = new URL(db.url)
  database.password = planted.get('DATABASE_URL') ?? ''
  const host = new URL(echo).host
  return {
    ...Object.fromEntries(planted),
    DATABASE_URL: database.href,
    SERVER_PORT: '0',
    LOG_LEVEL: 'trace',
    NOVA_REQUESTS_PER_MINUTE: '0',
    NOVA_MODEL: 'compatible:tiny',
    NOVA_MODEL_URL: echo,
    NOVA_MODEL_CLEANING: '1',
    NOVA_PERPLEXITY_URL: echo,
    NOVA_FIRECRAWL_URL: echo,
    NOVA_RENDER_URL: echo,
    NOVA_WEBHOOK_URL: echo,
    NOVA_SEARCH: 'perplexity',
    NOVA_GITHUB_API_URL: echo,
    NOVA_GITHUB_ARCHIVE_URL: echo,
    NOVA_GITHUB_RAW_URL: echo,
    NOVA_FETCH_ALLOW: host,
    NOVA_FETCH_TIMEOUT: '30',
  }
}

/** Remembers all that was answered; `use` is a session of a user with every failure on its way. */
async function session(nova: Nova, echo: string) {
  const seen: string[] = []
  const { url } = await nova.listen()
  const access = `Bearer ${planted.get('NOVA_ACCESS_TOKEN')}`
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(new URL(path, url), { redirect: 'manual', ...init })
    const body = await response.text()
    seen.push(`${response.status} ${JSON.stringify([...response.headers])} ${body}`)
    return body
  }
  const authorization = { headers: { authorization: access } }
  const { call, client, ...connected } = await connectClient('auto', new URL(`${url}/mcp`), {
    authorization: access,
  })
  const ask = async (name: string, args: object = {}) => {
    const answer = await call(name, args)
    seen.push(JSON.stringify(answer.raw))
    return answer.structured
  }
  const guideline = `# A title\n\n${echo}/page and https://github.com/octo/repo and \`notes.md\`.`
  const { article_id } = await ask('create_article', { guideline })
  await ask('extract_guidelines_urls', { article_id })
  const link = await ask('request_upload_link', { purpose: 'files', article_id })
  const upload = new URL(String(link.url)).pathname
  await get(upload)
  const file = fileForm('notes.md', '# Notes')
  const body = new Uint8Array(file.payload)
  await get(upload, { method: 'POST', body, headers: file.headers })
  await get(upload)
  await ask('scrape_and_clean_other_urls', { article_id, wait_seconds: 50 })
  await ask('process_github_urls', { article_id, wait_seconds: 50 })
  await ask('generate_next_queries', { article_id, count: 1 })
  await ask('run_perplexity_research', { article_id, wait_seconds: 50 })
  await ask('select_research_sources_to_keep', { article_id })
  await ask('create_research_file', { article_id })
  for (const name of ['get_article', 'read_research']) await ask(name, { article_id })
  for (const name of ['list_articles', 'account_usage']) await ask(name)
  for (const { uri } of resources) {
    const address = { uri: uri.replace('{id}', String(article_id)) }
    const read = await client.readResource(address).catch((error: Error) => error.message)
    seen.push(JSON.stringify(read))
  }
  const pages = ['/', '/healthz', '/readyz', '/openapi.json', '/articles', '/usage', '/tokens']
  for (const path of [...pages, `/articles/${article_id}`, '/nothing', '/%ff']) {
    await get(path, authorization)
    await get(path, { headers: { accept: 'text/html', ...authorization.headers } })
    await get(path, { headers: { authorization: `${access}x` } })
  }
  const bad = { method: 'POST', body: '{"', headers: { 'content-type': 'application/json' } }
  await get('/articles', { ...bad, headers: { ...bad.headers, authorization: access } })
  const caller = { userId: 'local', metadata: { actor: 'cli' as const } }
  const made = await issueApiToken(nova.services, caller, {
    name: 'a script',
    scopes: ['nova:read'],
    expiresAt: null,
  })
  await get('/tokens', { headers: { authorization: `Bearer ${made.token}` } })
  await get('/tokens', { headers: { authorization: `Bearer ${made.token.slice(0, -1)}x` } })
  await connected[Symbol.asyncDispose]()
  return { seen, token: made.token.slice(-64), link: upload.split('/').at(-1) ?? '' }
}

/** Every row of every table, the queue's included, as text; bodies decoded. */
async function stored({ database }: TestDatabase): Promise<string> {
  const { rows: tables } = await database.owner.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const texts: string[] = []
  for (const { name } of tables) {
    const { rows } = await database.owner.query<{ row: string }>(
      `select to_jsonb(t)::text as row from ${name} t`,
    )
    texts.push(...rows.map(({ row }) => row))
  }
  const bodies = await database.owner.query<{ body: Buffer }>('select body from nova.contents')
  return [...texts, ...bodies.rows.map(({ body }) => body.toString('utf8'))].join('\n')
}

describe('secrets', () => {
  it('are in nothing that is logged, stored, shown or answered, whatever fails', async () => {
    await using db = await freshDatabase()
    await using echo = await startEcho()
    const settings = settingsFor(db, echo.origin)
    const parsed = parseConfig(settings)
    assert.ok(parsed.ok)
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
    const nova = await compose(parsed.config, { log })
    const told = await session(nova, echo.origin).finally(() => nova.close())
    const sent = JSON.stringify(echo.calls.map(({ headers }) => headers))
    for (const name of ['PPLX_API_KEY', 'GITHUB_TOKEN', 'NOVA_MODEL_KEY', 'FIRECRAWL_API_KEY']) {
      assert.ok(sent.includes(planted.get(name) ?? '-'), `${name} was put to use`)
    }
    const kept = await stored(db)
    assert.ok(kept.includes('A title') && lines.length > 50)
    const places = { logged: lines.join(''), stored: kept, answered: told.seen.join('\n') }
    for (const [place, text] of Object.entries(places)) {
      for (const [name, value] of planted) assert.ok(!text.includes(value), `${name} was ${place}`)
      assert.ok(!text.includes(told.token), `an API token was ${place}`)
      if (place !== 'answered') assert.ok(!text.includes(told.link), `a link was ${place}`)
    }
  })

  it('are in no refusal to start and in no word of nova doctor', async () => {
    await using db = await freshDatabase()
    await using echo = await startEcho()
    const good = settingsFor(db, echo.origin)
    const elsewhere = `postgres://nova:${planted.get('DATABASE_URL')}@127.0.0.1:9/nova`
    const wrong: Record<string, string>[] = [
      { DATABASE_URL: elsewhere },
      { DATABASE_URL: `mysql://nova:${planted.get('DATABASE_URL')}@localhost/nova` },
      { DATABASE_URL: `postgres://nova:${planted.get('DATABASE_URL')}@[::bad/nova` },
      { NOVA_LINK_SECRET: `short,${planted.get('NOVA_LINK_SECRET')}` },
      { NOVA_WEBHOOK_SECRET: `${planted.get('NOVA_WEBHOOK_SECRET')}!` },
      { NOVA_AUTH_ISSUER: 'https://issuer.example' },
      { NOVA_ACCESS_TOKEN: planted.get('NOVA_ACCESS_TOKEN')?.slice(0, 31) ?? '' },
    ]
    const words: string[] = []
    for (const change of wrong) {
      const parsed = parseConfig({ ...good, ...change })
      if (!parsed.ok) words.push(parsed.problem)
      else {
        const log = pino({ level: 'trace' }, { write: (line: string) => void words.push(line) })
        const started = compose(parsed.config, { log }).then((nova) =>
          nova.listen().finally(() => nova.close()),
        )
        const refused = await started.catch((error: Error & { hint?: string }) => error)
        assert.ok(refused instanceof Error, JSON.stringify(change))
        words.push(`${refused.stack} ${JSON.stringify(refused)}`)
      }
    }
    for (const change of [{}, { DATABASE_URL: elsewhere }]) {
      const terminal = rememberingTerminal()
      await doctor.run(cliCall(terminal, { ...good, ...change }))
      words.push(stripVTControlCharacters(terminal.out() + terminal.err()))
    }
    const text = words.join('\n')
    for (const [name, value] of planted) {
      assert.ok(!text.includes(value.slice(0, 31)), `${name} was shown`)
    }
  })
})
