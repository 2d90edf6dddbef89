import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import type { InjectOptions } from 'fastify'
import { startTestApp, type TestApp } from '../support/app.ts'
import { fileForm } from '../support/form.ts'
import { startIssuer } from '../support/issuer.ts'
import { mcpWorld } from '../support/mcp-world.ts'
import { severAfterNextAppend, wiredDatabase } from '../support/wired-database.ts'

/** A change over HTTP, prepared while the database answers, and what its answer must say. */
interface Way {
  status: number
  says: RegExp
  prepare: (test: TestApp) => Promise<InjectOptions>
}

const ways: Readonly<Record<string, Way>> = {
  'POST /articles': {
    status: 201,
    says: /"article_id":"[0-9a-f-]{36}","title":"Ants"/,
    prepare: async () => ({ method: 'POST', url: '/articles', payload: { guideline: '# Ants' } }),
  },
  'POST /upload of a guideline': {
    status: 201,
    says: /"article_id":"[0-9a-f-]{36}","title":"Ants".*"watch_url"/,
    prepare: async (test) => ({
      method: 'POST',
      url: await test.link('upload_guideline', randomUUID()),
      ...fileForm('a.md', '# Ants'),
    }),
  },
  'POST /upload of files': {
    status: 201,
    says: /"name":"a\.py".*"watch_url"/,
    prepare: async (test) => ({
      method: 'POST',
      url: await test.link('upload_files', await test.article()),
      ...fileForm('a.py', 'print(1)'),
    }),
  },
  'POST /articles/{id}/files': {
    status: 200,
    says: /"name":"a\.py"/,
    prepare: async (test) => ({
      method: 'POST',
      url: `/articles/${await test.article()}/files`,
      ...fileForm('a.py', 'print(1)'),
    }),
  },
  'POST /articles/{id}/links': {
    status: 201,
    says: /\/watch\//,
    prepare: async (test) => ({
      method: 'POST',
      url: `/articles/${await test.article()}/links?purpose=watch`,
    }),
  },
  'POST /watch/{link}/upload': {
    status: 303,
    says: /^$/,
    prepare: async (test) => ({
      method: 'POST',
      url: `${await test.link('watch', await test.article())}/upload`,
    }),
  },
  'POST /articles/{id}/archive': {
    status: 200,
    says: /"archived":true/,
    prepare: async (test) => ({ method: 'POST', url: `/articles/${await test.article()}/archive` }),
  },
  'DELETE /articles/{id}': {
    status: 200,
    says: /"erased_events":1/,
    prepare: async (test) => ({ method: 'DELETE', url: `/articles/${await test.article()}` }),
  },
  'POST /tokens': {
    status: 201,
    says: /"token":"nova_/,
    prepare: async () => ({ method: 'POST', url: '/tokens', payload: { name: 'script' } }),
  },
}

describe('a database that is gone right after the commit, 0 of these answered with an error', () => {
  for (const [name, way] of Object.entries(ways)) {
    it(name, async () => {
      await using db = await wiredDatabase()
      await using test = await startTestApp({}, { db })
      const request = await way.prepare(test)
      const { wasSevered } = severAfterNextAppend(db.wire)
      const answer = await test.app.inject(request)
      assert.ok(wasSevered(), 'the change was sent')
      assert.equal(answer.statusCode, way.status, answer.body)
      assert.match(answer.body, way.says)
    })
  }

  it('PUT /plans/{user}', async () => {
    const serverUrl = 'https://nova.example'
    await using issuer = await startIssuer(`${serverUrl}/mcp`)
    await using db = await wiredDatabase()
    const settings = { NOVA_AUTH_ISSUER: issuer.url, SERVER_URL: serverUrl }
    await using test = await startTestApp(settings, { db })
    const admin = await issuer.token({ sub: 'root', scope: 'nova:admin' })
    const headers = { host: 'nova.example', authorization: `Bearer ${admin}` }
    const plan = { calls_per_month: 9, calls_per_minute: 8, concurrent_operations: 7 }
    // The issuer's keys are looked up before.
    assert.equal((await test.app.inject({ url: '/plans/ann', headers })).statusCode, 200)
    const { wasSevered } = severAfterNextAppend(db.wire)
    const request = { method: 'PUT', url: '/plans/ann', headers, payload: plan } as const
    const answer = await test.app.inject(request)
    assert.ok(wasSevered(), 'the change was sent')
    assert.deepEqual(answer.json(), { user_id: 'ann', ...plan, weights: {}, assigned: true })
  })
})

describe('a database that is gone right after the commit, 0 tools answer with an error', () => {
  const guideline = '# Ants\n\nhttp://pages.example/held'
  const tools: Readonly<Record<string, { args: object; says: RegExp }>> = {
    create_article: { args: { guideline }, says: /Created article/ },
    extract_guidelines_urls: { args: {}, says: /Links: 1 web/ },
    scrape_and_clean_other_urls: { args: { wait_seconds: 0 }, says: /Still running/ },
    cancel_operation: { args: {}, says: /Being cancelled/ },
    generate_next_queries: { args: { count: 2 }, says: /Round 1/ },
    run_perplexity_research: {
      args: { queries: [{ query: 'ants', reason: 'they carry' }], wait_seconds: 0 },
      says: /Still running: 0 of 1/,
    },
    create_research_file: { args: {}, says: /research\.md is ready.*\n.*\nDownload/ },
    request_upload_link: { args: { purpose: 'files' }, says: /Upload link for the user/ },
    archive_article: { args: {}, says: /is archived/ },
  }

  for (const [tool, { args, says }] of Object.entries(tools)) {
    it(tool, async () => {
      await using db = await wiredDatabase()
      const held: ServerResponse[] = []
      await using world = await mcpWorld({
        environment: { DATABASE_URL: db.url },
        routes: { '/held': (_request, response) => void held.push(response) },
      })
      const { ok, call } = await world.connect('auto')
      const prepared: Record<string, unknown> = {}
      if (tool !== 'create_article') {
        prepared.article_id = (await ok('create_article', { guideline })).article_id
        if (tool !== 'extract_guidelines_urls') await ok('extract_guidelines_urls', prepared)
      }
      if (tool === 'cancel_operation') {
        const started = await ok('scrape_and_clean_other_urls', { ...prepared, wait_seconds: 0 })
        delete prepared.article_id
        prepared.operation_id = started.operation_id
      }
      const { wasSevered } = severAfterNextAppend(db.wire)
      const answer = await call(tool, { ...prepared, ...args })
      assert.ok(wasSevered(), 'the change was sent')
      assert.equal(answer.isError, false, answer.text)
      assert.match(answer.text, says)
      db.wire.decide = () => 'pass'
      for (const response of held) response.end()
    })
  }
})
