import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { doctor } from '../../src/cli/doctor.ts'
import { brave } from '../../src/research/search/brave.ts'
import { exa } from '../../src/research/search/exa.ts'
import { perplexity } from '../../src/research/search/perplexity.ts'
import { SearchFailure } from '../../src/research/search/search-failure.ts'
import { searxng } from '../../src/research/search/searxng.ts'
import { tavily } from '../../src/research/search/tavily.ts'
import { SourceFailure } from '../../src/sources/source-failure.ts'
import { createYoutubeReader } from '../../src/sources/youtube/youtube-reader.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { freshDatabase } from '../support/database.ts'
import { archiveOf, gzipped, startGitHost } from '../support/git-host.ts'
import { guarded } from '../support/guarded.ts'
import { loopbackFetch } from '../support/loopback-fetch.ts'
import { startSearchServer } from '../support/search-server.ts'
import {
  githubShapes,
  type SourceShape,
  searchShapes,
  youtubeShapes,
} from '../support/service-shapes.ts'
import { type Route, startSite } from '../support/site.ts'

const makers = { brave, exa, perplexity, searxng, tavily }

const routeOf = ({ status, headers, body }: SourceShape): Route => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

const endsAs =
  ({ ends: [reason, said] }: SourceShape) =>
  (error: unknown) => {
    assert.ok(error instanceof SourceFailure, String(error))
    assert.equal(error.reason, reason)
    assert.match(error.message, said)
    return true
  }

describe('what services send besides an answer', () => {
  for (const { provider, shape, status, headers, body, ends } of searchShapes) {
    it(`${provider}: ${shape}`, async () => {
      await using server = await startSearchServer([])
      await using http = loopbackFetch(server.origin)
      server.override = { status, body, ...(headers && { headers }) }
      const asked = makers[provider]({ http, baseUrl: server.origin, apiKey: 'k' }).search('q', {
        limit: 3,
        signal: new AbortController().signal,
      })
      await assert.rejects(asked, (error) => {
        assert.ok(error instanceof SearchFailure, String(error))
        assert.equal(error.reason, ends[0])
        assert.match(error.message, ends[1])
        return true
      })
    })
  }

  for (const shape of githubShapes) {
    it(`github: ${shape.shape}`, async () => {
      await using host = await startGitHost({ '/api/repos/o/r/issues/1': routeOf(shape) })
      await assert.rejects(host.read('https://github.com/o/r/issues/1'), endsAs(shape))
    })
  }

  for (const shape of youtubeShapes) {
    it(`youtube: ${shape.shape}`, async () => {
      await using site = await startSite({ '/youtubei/v1/player': routeOf(shape) })
      const fetch = guarded({ allow: [{ host: '127.0.0.1', port: site.port }] })
      const read = createYoutubeReader({ fetch, baseUrl: site.origin })
      const url = 'https://youtu.be/dQw4w9WgXcQ'
      try {
        const asked = read({ url, kind: 'youtube', signal: AbortSignal.timeout(240_000) })
        await assert.rejects(asked, endsAs(shape))
      } finally {
        await fetch.close()
      }
    })
  }
})

describe('nova doctor --live', () => {
  const page = `<!doctype html><title>A page</title><main><h1>A page</h1><p>${'It has words. '.repeat(30)}</p></main>`

  async function examine(settings: Record<string, string>, options: Record<string, boolean>) {
    const terminal = rememberingTerminal()
    const code = await doctor.run(cliCall(terminal, { SERVER_PORT: '9', ...settings }, { options }))
    return { code, out: terminal.out() }
  }

  it('asks each configured service once and says which shape came back', async () => {
    await using fresh = await freshDatabase()
    await using search = await startSearchServer([
      { url: 'https://e.example/', title: 'E', snippet: 's', published_at: '2025-06-01' },
    ])
    const [robot] = youtubeShapes
    assert.ok(robot)
    await using site = await startSite({
      '/octocat/Hello-World/tar.gz/HEAD': gzipped(await archiveOf({ 'README.md': '# Hello' })),
      '/youtubei/v1/player': routeOf(robot),
      '/content': { headers: { 'content-type': 'text/html' }, body: page },
    })
    const settings = {
      DATABASE_URL: fresh.url,
      NOVA_SEARCH: 'searxng',
      NOVA_SEARXNG_URL: `${search.origin}/searxng`,
      NOVA_RENDER_URL: site.origin,
      NOVA_GITHUB_ARCHIVE_URL: 'http://services.example',
      NOVA_YOUTUBE_URL: 'http://services.example',
      NOVA_FETCH_ALLOW: `services.example:80=127.0.0.1:${site.port}`,
    }
    const silent = await examine(settings, {})
    assert.doesNotMatch(silent.out, /Services/)
    assert.equal(search.calls.length + site.requests.length, 0)

    const { code, out } = await examine(settings, { live: true })
    assert.match(out, /✓ searxng +no text, 1 sources, 0 cited, 1 with a date; \d+\.\d s/)
    assert.match(out, /✓ github +\d+ characters \(github\/1\)/)
    assert.match(out, /✗ youtube +VIDEO_BLOCKED: .*asks for a sign-in/)
    assert.match(out, /✓ render +a page of \d+ characters \(render\/1\)/)
    assert.match(out, /1 broken: youtube\./)
    assert.equal(code, 1)
    assert.equal(search.calls.length, 1)

    search.override = { status: 429, body: {} }
    const limited = await examine(settings, { live: true })
    assert.match(limited.out, /! searxng +RATE_LIMITED: /)
  })
})
