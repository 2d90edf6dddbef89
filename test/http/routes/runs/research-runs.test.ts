import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import * as article from '../../../../src/events/articles/article-events.ts'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { failed, started } from '../../../support/article-facts.ts'
import { mcpWorld } from '../../../support/mcp-world.ts'
import { runPaused } from '../../../support/run-facts.ts'

const post = (test: TestApp, url: string, payload: object = {}) =>
  test.app.inject({ method: 'POST', url, payload })

describe('/articles/{id}/runs', () => {
  it('starts one run for two who start at once, and shows it', async () => {
    await using test = await startTestApp()
    const path = `/articles/${await test.article()}/runs`
    const [first, second] = await Promise.all([post(test, path), post(test, path)])
    assert.deepEqual([first.statusCode, second.statusCode].toSorted(), [200, 201])
    assert.equal(first.json().run_id, second.json().run_id)
    const location = String(first.headers.location)
    assert.equal((await test.app.inject(location)).json().status, 'running')
    assert.equal((await test.app.inject(path)).json().runs.length, 1)
  })

  it('is started once for one Idempotency-Key, also when it has ended between', async () => {
    await using test = await startTestApp()
    const path = `/articles/${await test.article()}/runs`
    const start = (key: string) =>
      test.app.inject({
        method: 'POST',
        url: path,
        payload: {},
        headers: { 'idempotency-key': key },
      })
    const first = (await start('nightly-17')).json()
    await post(test, `${path}/${first.run_id}/cancel`)
    const again = await start('nightly-17')
    assert.equal(again.statusCode, 200)
    assert.equal(again.json().run_id, first.run_id)
    const other = await start('nightly-18')
    assert.equal(other.statusCode, 201)
    assert.notEqual(other.json().run_id, first.run_id)
  })

  it('takes the answer to the question that is open, once', async () => {
    await using test = await startTestApp()
    const id = await test.article()
    const { run_id: run } = (await post(test, `/articles/${id}/runs`)).json()
    const paused = runPaused()
    await test.record(id, [{ ...paused, data: { ...paused.data, run_id: run } }])
    const answer = `/articles/${id}/runs/${run}/answer`
    const codeOf = async (payload: object) => (await post(test, answer, payload)).json().error?.code
    assert.equal(await codeOf({ question: 2, decision: 'retry' }), 'RUN_NOT_ASKING')
    assert.equal(await codeOf({ question: 1, decision: 'anything' }), 'ARGUMENT_INVALID')
    const answered = await post(test, answer, { question: 1, decision: 'continue' })
    assert.equal(answered.json().status, 'running')
    assert.equal(await codeOf({ question: 1, decision: 'continue' }), 'RUN_NOT_ASKING')
  })

  it('cancels a run, twice with the same result', async () => {
    await using test = await startTestApp()
    const id = await test.article()
    const { run_id: run } = (await post(test, `/articles/${id}/runs`)).json()
    for (const _ of [1, 2]) {
      const cancelled = await post(test, `/articles/${id}/runs/${run}/cancel`)
      assert.equal(cancelled.json().status, 'cancelled')
    }
  })

  it('refuses budgets of nothing, unknown fields, unknown runs and archived articles', async () => {
    await using test = await startTestApp()
    const id = await test.article()
    const path = `/articles/${id}/runs`
    for (const body of [{ max_calls: 0 }, { max_usd: 0 }, { rounds: 11 }, { owner: 'ann' }]) {
      assert.equal((await post(test, path, body)).json().error.code, 'ARGUMENT_INVALID')
    }
    assert.equal((await post(test, `${path}/none/cancel`)).json().error.code, 'RUN_UNKNOWN')
    await post(test, `/articles/${id}/archive`)
    assert.equal((await post(test, path)).json().error.code, 'ARTICLE_ARCHIVED')
  })

  it('takes the address of a webhook with the run, and refuses a private one before anything begins', async () => {
    await using test = await startTestApp()
    const path = `/articles/${await test.article()}/runs`
    const urls = ['http://127.0.0.1/x', 'http://localhost/x', 'ftp://a.example/x', 'not an address']
    for (const webhook_url of [...urls, 'http://ada:secret@hooks.example/x']) {
      const refused = await post(test, path, { webhook_url })
      assert.equal(refused.statusCode, 400, webhook_url)
      assert.equal(refused.json().error.code, 'WEBHOOK_ADDRESS_REFUSED')
    }
    assert.deepEqual((await test.app.inject(path)).json().runs, [])
    const started = await post(test, path, { webhook_url: 'https://hooks.example/nova' })
    const due = { receiver: 'user', state: 'due', attempts: 0, reason: null }
    assert.deepEqual(started.json().webhooks, [due])
    const joined = await post(test, path, { webhook_url: 'https://hooks.example/other' })
    assert.equal(joined.json().run_id, started.json().run_id)
    const { secret } = (await test.app.inject('/webhook-secret')).json()
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  })

  it('ends the run of an article that is archived', async () => {
    await using test = await startTestApp()
    const id = await test.article()
    const { run_id: run } = (await post(test, `/articles/${id}/runs`)).json()
    await post(test, `/articles/${id}/archive`)
    const shown = await test.app.inject(`/articles/${id}/runs/${run}`)
    assert.equal(shown.json().status, 'cancelled')
  })

  it('quotes on the page what failed, with a button for each choice', async () => {
    await using test = await startTestApp()
    const id = await test.article('# Log\n\nhttps://a.example/2')
    const { run_id: run } = (await post(test, `/articles/${id}/runs`)).json()
    const link = { source: 2, url: 'https://a.example/2', canonical: 'a.example/2', rank: null }
    const paused = runPaused({
      tool: 'scrape_and_clean_other_urls',
      failures: [{ item: 2, reason: 'TIMEOUT', detail: null }],
    })
    await test.record(id, [
      article.UrlsExtracted({
        links: [{ ...link, kind: 'web' }],
        local_files: [],
        extracted_at: test.clock.now.toISOString(),
      }),
      started('scrape_and_clean_other_urls', [2]),
      failed(2, true),
      { ...paused, data: { ...paused.data, run_id: run } },
    ])
    const page = await test.app.inject({
      url: `/articles/${id}`,
      headers: { accept: 'text/html' },
    })
    assert.match(page.body, /0 of 1 succeeded/)
    assert.match(page.body, /https:\/\/a\.example\/2<\/span> <span class="fine">TIMEOUT/)
    for (const label of ['Try again', 'Go on without', 'Stop the run']) {
      assert.ok(page.body.includes(`>${label}</button>`), label)
    }
  })
})

describe('a script', () => {
  it('gets from a guideline to research.md over REST alone, as docs/rest.md prints it', async () => {
    await using world = await mcpWorld({
      routes: {
        '/one': `<title>One</title><main><p>${'A ledger keeps what happened. '.repeat(30)}</p></main>`,
      },
      environment: {
        SERVER_PORT: '0',
        SERVER_URL: '',
        NOVA_REQUESTS_PER_MINUTE: '0',
        NOVA_GITHUB_API_URL: 'http://127.0.0.1:9',
        NOVA_GITHUB_ARCHIVE_URL: 'http://127.0.0.1:9',
        NOVA_GITHUB_RAW_URL: 'http://127.0.0.1:9',
      },
    })
    const { url } = await world.nova.listen()
    const folder = await mkdtemp(join(tmpdir(), 'nova-rest-'))
    const guide = await readFile(new URL('../../../../docs/rest.md', import.meta.url), 'utf8')
    const [, program = ''] = /```js\n([\s\S]*?)```/.exec(guide) ?? []
    await writeFile(join(folder, 'research.mjs'), program)
    // No host of GitHub can be asked here, so that step fails altogether and the run has to ask.
    const guideline =
      '# Ledgers\n\nRead http://pages.example/one and https://github.com/nova-test/none-such\n'
    await writeFile(join(folder, 'guideline.md'), guideline)
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['research.mjs', url, 'guideline.md'],
      { cwd: folder, env: {} },
    )
    assert.match(stdout, /process_github_urls: 0 of 1 succeeded/)
    assert.match(stdout, /The run is finished/)
    assert.match(await readFile(join(folder, 'research.md'), 'utf8'), /A ledger keeps/)
    const evidence = JSON.parse(await readFile(join(folder, 'research.json'), 'utf8'))
    assert.ok(evidence)
    await rm(folder, { recursive: true })
  })
})
