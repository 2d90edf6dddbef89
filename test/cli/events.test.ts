import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { articles } from '../../src/cli/articles.ts'
import { events } from '../../src/cli/events.ts'
import { links } from '../../src/cli/links.ts'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { cancelOperation } from '../../src/commands/runs/finish-operation.ts'
import { startOperation } from '../../src/commands/runs/start-operation.ts'
import { admitToolCall, settleToolCall } from '../../src/commands/usage/tool-calls.ts'
import { Refusal } from '../../src/errors.ts'
import { articleStream } from '../../src/events/articles/article-events.ts'
import { articlesProjection } from '../../src/projections/articles/articles.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { appendTo } from '../support/append-to.ts'
import { extracted } from '../support/article-facts.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { commandWorld } from '../support/command-world.ts'
import { emptyDatabase, freshDatabase } from '../support/database.ts'
import { limits } from '../support/limits.ts'
import { startNova } from '../support/nova-process.ts'
import { appendOldArticle } from '../support/old-articles.ts'
import { appendOldUsage } from '../support/old-usage.ts'
import { rowsOf } from '../support/projection-rows.ts'

const tool = 'scrape_and_clean_other_urls'

async function nova(
  command: typeof events,
  url: string,
  positionals: string[],
  options: Record<string, string | boolean> = {},
) {
  const terminal = rememberingTerminal()
  const code = await command.run(cliCall(terminal, { DATABASE_URL: url }, { positionals, options }))
  return { code, lines: terminal.out().split('\n'), out: terminal.out(), err: terminal.err() }
}

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'nova-events-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** One tool call of Ada's that started an operation with a job, and an article of Eve's. */
async function story() {
  const w = await commandWorld()
  w.clock.now = new Date()
  const { deps } = w
  const eve = { userId: 'eve', metadata: { actor: 'agent' } } as const
  await createArticle(deps, eve, { guideline: Buffer.from('# Eve') })
  const metadata = { actor: 'agent', client: 'a client', correlation_id: 'call1' } as const
  const first = { userId: 'ada', metadata }
  const { articleId } = await createArticle(
    deps,
    { ...first, metadata: { actor: 'user', request_id: 'req1' } },
    { guideline: Buffer.from('# Ada') },
  )
  await appendTo(deps.store, { userId: 'ada', streamId: articleStream(articleId) }, [extracted], {
    expectedVersion: 1,
    metadata: { actor: 'agent' },
  })
  const call = await admitToolCall(deps, first, {
    callId: 'call1',
    tool,
    articleId,
    defaults: limits(),
  })
  const caused = { ...first, metadata: { ...metadata, causation_id: call.eventId } }
  await startOperation(deps, caused, {
    articleId,
    tool,
    operationId: 'call1',
    month: call.month,
    weight: 1,
    operationsMax: 0,
  })
  const stored = await deps.store.read({ userId: 'ada', streamId: articleStream(articleId) })
  const start = stored.find(({ type }) => type === 'OperationStarted')
  assert.ok(start)
  const job = {
    userId: 'ada',
    metadata: { actor: 'job', correlation_id: 'call1', causation_id: start.eventId },
  } as const
  await cancelOperation(deps, job, { articleId, operationId: 'call1' })
  await settleToolCall(deps, job, call, {
    outcome: 'cancelled',
    code: null,
    itemsOk: 0,
    itemsFailed: 0,
    durationMs: 5,
    costUsd: null,
    refund: null,
  })
  return { ...w, articleId, start }
}

const refuses = (code: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code

describe('nova events', { concurrency: 4 }, () => {
  it('lists what happened to everybody, with a sentence, and filters', async () => {
    await using w = await story()
    const all = await nova(events, w.url, [])
    assert.equal(all.lines.length, 7)
    assert.match(all.lines[0] ?? '', /eve agent {2}ArticleCreated {2}Article created from a guide/)
    const count = async (options: Record<string, string>) =>
      (await nova(events, w.url, ['list'], { json: true, ...options })).lines.filter(Boolean).length
    assert.equal(await count({ user: 'eve' }), 1)
    assert.equal(await count({ article: w.articleId.toUpperCase() }), 5)
    assert.equal(await count({ type: 'ToolCalled' }), 1)
    assert.equal(await count({ call: 'call1' }), 4)
    assert.equal(await count({ since: '2020-01-01', until: '2020-02-01' }), 0)
    assert.equal(await count({ since: '2020-01-01T00:00' }), 7)
    assert.equal(await count({ limit: '2' }), 2)
    const [line] = (await nova(events, w.url, ['list'], { json: true, user: 'eve' })).lines
    assert.equal(JSON.parse(line ?? '').data.title, 'Eve')
    await assert.rejects(count({ since: 'yesterday' }), /--since takes a day/)
    await assert.rejects(count({ type: 'toolcalled' }), /There is no event type "toolcalled"/)
    assert.equal((await nova(events, w.url, [], { user: 'nobody' })).err, 'No such events.')
  })

  it('follows what is committed until it is stopped', async () => {
    await using w = await story()
    await using shown = startNova(['events', '--follow', '--limit', '1'], { DATABASE_URL: w.url })
    await shown.printed(/ToolCallSettled/)
    const eve = { userId: 'eve', metadata: { actor: 'agent' } } as const
    await createArticle(w.deps, eve, { guideline: Buffer.from('# One more') })
    await shown.printed(/ArticleCreated/)
    shown.signal('SIGINT')
    assert.equal(await shown.ended, 0)
  })

  it('explains an event from the tool call to what its job recorded', async () => {
    await using w = await story()
    const { out } = await nova(events, w.url, ['explain', w.start.eventId])
    const shape = out.replaceAll(/ {2}\d\d:.*$/gm, '').split('\n')
    assert.deepEqual(shape, [
      `ToolCalled  ${tool} called  (agent, a client)`,
      `└─ OperationStarted  ${tool} started on 2 items  (agent, a client)  ◀`,
      '   └─ job of operation call1',
      '      ├─ OperationCancelled  Asked to cancel operation call1  (job)',
      `      └─ ToolCallSettled  ${tool} cancelled after 5 ms: 0 items done, 0 failed  (job)`,
    ])
    await assert.rejects(nova(events, w.url, ['explain', 'nothing']), refuses('EVENT_NOT_FOUND'))
  })

  it('verifies, and answers code 1 naming stream and version', async () => {
    await using w = await story()
    const whole = await nova(events, w.url, ['verify'])
    assert.equal(whole.code, 0)
    assert.match(whole.out, /^Every chain is whole: 7 events/)
    await w.database.owner.query(`set session_replication_role = replica;
      update nova.events set data = data || '{"tool": "x"}' where type = 'OperationStarted';
      set session_replication_role = default`)
    const broken = await nova(events, w.url, ['verify'])
    assert.equal(broken.code, 1)
    assert.match(broken.out, new RegExp(`changed +ada +article-${w.articleId} +3`))
    assert.equal((await nova(events, w.url, ['verify'], { user: 'eve' })).code, 0)
  })

  it('moves everything into another database through a file', async () => {
    await using w = await story()
    await using other = await emptyDatabase()
    await using files = await folder()
    const path = join(files.path, 'export.jsonl.gz')
    await nova(events, w.url, ['export', path], { contents: true })
    assert.deepEqual(await readdir(files.path), ['export.jsonl.gz'])
    const missing = nova(events, other.url, ['import', join(files.path, 'no.gz')])
    await assert.rejects(missing, refuses('INPUT_FILE_UNREADABLE'))
    const { out } = await nova(events, other.url, ['import', path])
    assert.match(out, /^7 events and 2 bodies imported and verified/)
    await drainProjection(w.database.projector, articlesProjection)
    assert.deepEqual(await rowsOf(other.database, 'articles'), await rowsOf(w.database, 'articles'))
    await assert.rejects(nova(events, other.url, ['import', path]), refuses('DATABASE_NOT_EMPTY'))
    const unwritable = nova(events, w.url, ['export', join(files.path, 'no', 'export')])
    await assert.rejects(unwritable, refuses('OUTPUT_FILE_UNWRITABLE'))
  })

  it('archives old months of usage and attaches them again', async () => {
    await using fresh = await freshDatabase()
    await using files = await folder()
    await appendOldUsage(fresh.database, 'ada', ['2025-10', '2025-11'])
    const before = await rowsOf(fresh.database, 'events')
    const done = await nova(events, fresh.url, ['archive', files.path], { before: '2025-12' })
    assert.deepEqual(
      done.lines.map((line) => line.replace(/ in .*/, '')),
      ['2025-10: 5 usage events', '2025-11: 6 usage events'],
    )
    const manifest = JSON.parse(
      await readFile(join(files.path, 'nova-usage-2025-11.manifest.json'), 'utf8'),
    )
    assert.equal(manifest.events, 6)
    assert.match((await nova(events, fresh.url, ['verify'])).out, /1 events, 11 more in archives/)
    const file = (month: string) => join(files.path, `nova-usage-${month}.jsonl.gz`)
    const early = nova(events, fresh.url, ['attach', file('2025-10')])
    await assert.rejects(early, refuses('ARCHIVE_INVALID'))
    await nova(events, fresh.url, ['attach', file('2025-11')])
    await nova(events, fresh.url, ['attach', file('2025-10')])
    assert.deepEqual(await rowsOf(fresh.database, 'events'), before)
    const again = await nova(events, fresh.url, ['archive', files.path], { before: '2025-11' })
    assert.equal(again.lines.length, 1)
    const now = nova(events, fresh.url, ['archive', files.path], { before: '2999-01' })
    await assert.rejects(now, /needs --before/)
  })

  it('archives whole months, and says in list, explain and verify what is not there', async () => {
    await using w = await commandWorld()
    await using files = await folder()
    const { articleId } = await appendOldArticle(w, 'ada', ['2025-11'])
    const listed = await nova(events, w.url, ['list'], { json: true, article: articleId })
    const [eventId = ''] = listed.lines.map((line) => JSON.parse(line).event_id)
    const young = new Date().toISOString().slice(0, 7)
    const asked = (before: string) =>
      nova(events, w.url, ['archive', files.path], { before, all: true })
    await assert.rejects(asked(young), /needs --before/)
    assert.match((await asked('2025-12')).out, /^2025-11: 3 events in .*nova-events-2025-11/)
    assert.match((await asked('2025-12')).out, /^No events to archive before 2025-12/)

    const { lines, err } = await nova(events, w.url, ['list'], { article: articleId })
    assert.deepEqual(lines, [''])
    assert.equal(err, 'Not shown: events in archives of 2025-11.')
    assert.equal(
      (await nova(events, w.url, ['list'], { since: '2025-12-01' })).err,
      'No such events.',
    )
    const told = await nova(events, w.url, ['explain', eventId])
    assert.match(told.out, /ArticleCreated/)
    assert.equal(told.err, 'Its data is in archives of 2025-11.')
    const { out } = await nova(events, w.url, ['verify'])
    assert.match(out, /^Every chain is whole: 0 events, 3 more in archives of 2025-11,/)
    const file = join(files.path, 'nova-events-2025-11.jsonl.gz')
    assert.match((await nova(events, w.url, ['attach', file])).out, /3 events are back/)
    const back = await nova(events, w.url, ['list'], { json: true, article: articleId })
    assert.deepEqual(back.lines, listed.lines)
  })

  it('refuses a file that is no export', async () => {
    await using fresh = await freshDatabase()
    await using files = await folder()
    await writeFile(join(files.path, 'x'), 'hello\n')
    const asked = nova(events, fresh.url, ['import', join(files.path, 'x')])
    await assert.rejects(asked, refuses('IMPORT_INVALID'))
  })

  it('says which actions there are and what they take', async () => {
    await using fresh = await freshDatabase()
    await assert.rejects(nova(events, fresh.url, ['exprot']), /no action "exprot"/)
    await assert.rejects(nova(events, fresh.url, ['explain']), /takes one argument/)
    await assert.rejects(nova(events, fresh.url, ['verify'], { stream: 's' }), /needs --user/)
  })
})

describe('nova links revoke', () => {
  it('takes back the links of an article of its user, and of nobody else', async () => {
    await using w = await story()
    const asked = ['revoke', w.articleId]
    await assert.rejects(nova(links, w.url, asked, { user: 'eve' }), refuses('ARTICLE_NOT_FOUND'))
    await assert.rejects(nova(links, w.url, ['take', w.articleId]), /takes `revoke`/)
    const { out } = await nova(links, w.url, asked, { user: 'ada' })
    assert.match(out, /^Revoked: every link of article/)
    const { lines } = await nova(events, w.url, ['list'], { json: true })
    assert.ok(lines.some((line) => JSON.parse(line).type === 'LinksRevoked'))
  })
})

describe('nova articles archive', () => {
  it('archives an article of its user and takes it back, and of nobody else', async () => {
    await using w = await story()
    const run = (action: string, user: string) =>
      nova(articles, w.url, [action, w.articleId], { user })
    await assert.rejects(run('archive', 'eve'), refuses('ARTICLE_NOT_FOUND'))
    await assert.rejects(run('shelve', 'ada'), /`archive`, `unarchive` or `erase`/)
    assert.match((await run('archive', 'ada')).out, /is archived\.$/)
    assert.match((await run('archive', 'ada')).out, /is archived already\.$/)
    assert.match((await run('unarchive', 'ada')).out, /takes work again\.$/)
    const { lines } = await nova(events, w.url, ['list'], { json: true, article: w.articleId })
    const types = lines.map((line) => JSON.parse(line).type)
    assert.deepEqual(types.slice(-2), ['ArticleArchived', 'ArticleUnarchived'])
  })
})

describe('nova articles erase', () => {
  it('erases one article of one user, once, and not without being told twice', async () => {
    await using w = await story()
    const asked = ['erase', w.articleId]
    await assert.rejects(nova(articles, w.url, asked, { user: 'ada' }), /cannot be undone/)
    const eves = nova(articles, w.url, asked, { user: 'eve', yes: true })
    await assert.rejects(eves, refuses('ARTICLE_NOT_FOUND'))
    const { out } = await nova(articles, w.url, asked, { user: 'ada', yes: true })
    assert.match(out, /^Erased: 4 events and 0 bodies/)
    const { lines } = await nova(events, w.url, ['list'], { json: true, article: w.articleId })
    const told = lines.map((line) => JSON.parse(line))
    assert.equal(told.find(({ type }) => type === 'ArticleCreated').data.title, 'ERASED')
    assert.match((await nova(events, w.url, ['verify'])).out, /8 events, 4 of them erased/)
  })
})
