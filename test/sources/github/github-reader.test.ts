import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { createGithubReader } from '../../../src/sources/github/github-reader.ts'
import { archiveOf, commit, json, startGitHost } from '../../support/git-host.ts'
import { guarded } from '../../support/guarded.ts'
import { startSite } from '../../support/site.ts'

const failsWith = (reason: string) => (error: unknown) =>
  error instanceof Error && 'reason' in error && error.reason === reason

describe('what is not a repository', () => {
  it('a file is read as it is, with its commit and its bytes', async () => {
    await using host = await startGitHost({
      '/o/r/main/docs/a.md': { body: '# A\n' },
      '/o/r/main/a.py': { headers: { etag: '"e1"' }, body: 'x = 1\n' },
      '/api/repos/o/r/commits/main': json({ sha: commit }),
    })
    const markdown = await host.read('https://github.com/o/r/blob/main/docs/a.md')
    assert.equal(markdown.markdown, '# A\n')
    assert.equal(markdown.revision, commit)
    assert.equal(new TextDecoder().decode(markdown.snapshot?.bytes), '# A\n')
    const code = await host.read('https://raw.githubusercontent.com/o/r/main/a.py')
    assert.equal(code.markdown, '```python\nx = 1\n```\n')
  })

  it('a file is read though the API is out of reach, and then named by its ETag', async () => {
    await using host = await startGitHost({
      '/o/r/main/a.py': { headers: { etag: '"e1"' }, body: 'x' },
    })
    assert.equal((await host.read('https://github.com/o/r/blob/main/a.py')).revision, '"e1"')
  })

  it('an issue is read with its comments', async () => {
    await using host = await startGitHost({
      '/api/repos/o/r/issues/7': json({
        title: 'It\nbreaks',
        state: 'open',
        user: { login: 'ann' },
        body: 'Steps',
        created_at: '2026-01-01T00:00:00Z',
        comments: 150,
        labels: [{ name: 'bug' }],
      }),
      '/api/repos/o/r/issues/7/comments': json([
        { user: null, body: 'Me too', created_at: '2026-01-02T00:00:00Z' },
      ]),
    })
    const source = await host.read('https://github.com/o/r/issues/7')
    assert.match(
      source.markdown,
      /^# It breaks\n[\s\S]+- State: open\n- Author: ann\n[\s\S]+- Labels: bug\n\nSteps\n\n## Comments\n\n### unknown, 2026-01-02T00:00:00Z\n\nMe too\n\n\(149 more/,
    )
    assert.deepEqual(source.notes, ['149 more comments were not read'])
  })

  it('an issue of many comments is read page by page up to five hundred, and says what is left', async () => {
    const asked: string[] = []
    await using host = await startGitHost({
      '/api/repos/o/r/issues/9': json({ title: 'Long', state: 'open', body: 'x', comments: 734 }),
      '/api/repos/o/r/issues/9/comments': (request, response) => {
        const page = Number(new URL(request.url ?? '', 'http://h').searchParams.get('page'))
        asked.push(String(page))
        const comments = Array.from({ length: 100 }, (_, index) => ({
          body: `Comment ${(page - 1) * 100 + index + 1}.`,
        }))
        response.end(JSON.stringify(comments))
      },
    })
    const { markdown, notes } = await host.read('https://github.com/o/r/issues/9')
    assert.deepEqual(asked, ['1', '2', '3', '4', '5'])
    assert.match(markdown, /Comment 1\.\n[\s\S]+Comment 500\.\n/)
    assert.match(markdown, /\n\(234 more comments were not read\)\n$/)
    assert.deepEqual(notes, ['234 more comments were not read'])
  })

  it('an issue of a hundred comments and one is read whole', async () => {
    await using host = await startGitHost({
      '/api/repos/o/r/issues/9': json({ title: 'Long', state: 'open', body: 'x', comments: 101 }),
      '/api/repos/o/r/issues/9/comments': (request, response) => {
        const isFirst = request.url?.includes('&page=1')
        const comments = Array.from({ length: isFirst ? 100 : 1 }, () => ({ body: 'Me too.' }))
        response.end(JSON.stringify(comments))
      },
    })
    const { markdown, notes } = await host.read('https://github.com/o/r/issues/9')
    assert.equal(markdown.match(/Me too\./g)?.length, 101)
    assert.deepEqual(notes, [])
  })

  it('a release is read as its notes, and the releases as a list of them', async () => {
    const release = (tag: string) => ({
      tag_name: tag,
      name: `Version ${tag}`,
      body: 'Fixes\r\n\r\n- a bug',
      published_at: '2026-01-02T00:00:00Z',
      author: { login: 'ann' },
    })
    await using host = await startGitHost({
      '/api/repos/o/r/releases/tags/pkg/v2': json(release('pkg/v2')),
      '/api/repos/o/r/releases/latest': json(release('v3')),
      '/api/repos/o/r/releases': json([release('v3'), release('v2')]),
      '/api/repos/o/empty/releases': json([]),
    })
    const one = await host.read('https://github.com/o/r/releases/tag/pkg/v2')
    assert.equal(one.revision, 'pkg/v2')
    assert.match(one.markdown, /^# Version pkg\/v2\n[\s\S]+\n\nFixes\n\n- a bug\n$/)
    const latest = await host.read('https://github.com/o/r/releases/latest')
    assert.match(latest.markdown, /^# Version v3\n/)
    const all = await host.read('https://github.com/o/r/releases')
    assert.match(all.markdown, /^# Releases of o\/r\n\n## Version v3\n[\s\S]+## Version v2\n/)
    await assert.rejects(host.read('https://github.com/o/empty/releases'), failsWith('EMPTY'))
  })

  it('a wiki page is read as it was written', async () => {
    await using host = await startGitHost({ '/wiki/o/r/How-to-start.md': { body: '# Start\n' } })
    const page = await host.read('https://github.com/o/r/wiki/How-to-start')
    assert.equal(page.markdown, '# Start\n')
    assert.equal(page.title, 'How to start · wiki of o/r')
    await assert.rejects(host.read('https://github.com/o/r/wiki/Other'), failsWith('NOT_FOUND'))
  })

  it('lines that a link names are told beside the whole file', async () => {
    await using host = await startGitHost({ '/o/r/main/a.py': { body: 'x = 1\ny = 2\n' } })
    const notes = async (hash: string) =>
      (await host.read(`https://github.com/o/r/blob/main/a.py${hash}`)).notes
    assert.deepEqual(await notes('#L2'), ['the link names line 2'])
    assert.deepEqual(await notes('#L1-L2'), ['the link names lines 1 to 2'])
    assert.deepEqual(await notes('#L1C3-L2C1'), ['the link names lines 1 to 2'])
    assert.deepEqual(await notes('#readme'), [])
  })

  it('a pull request is read with its review', async () => {
    await using host = await startGitHost({
      '/api/repos/o/r/issues/8': json({
        title: 'Fix',
        state: 'closed',
        user: { login: 'ann' },
        body: null,
        comments: 0,
        labels: [],
        pull_request: { merged_at: '2026-01-03T00:00:00Z' },
      }),
      '/api/repos/o/r/issues/8/comments': json([]),
      '/api/repos/o/r/pulls/8/comments': json([
        { user: { login: 'bob' }, body: 'Why?', path: 'src/a.ts', created_at: 'x' },
      ]),
    })
    const { markdown } = await host.read('https://github.com/o/r/pull/8')
    assert.match(markdown, /- State: merged/)
    assert.match(markdown, /## Review comments\n\n### bob, x, on `src\/a\.ts`\n\nWhy\?/)
  })

  it('a gist is read with all its files', async () => {
    const id = '0123456789abcdef0123'
    await using host = await startGitHost({
      [`/api/gists/${id}`]: json({
        description: '',
        owner: { login: 'ann' },
        history: [{ version: 'v2' }],
        files: { 'a.py': { content: 'x = 1' }, 'b.md': { content: '# B' } },
      }),
    })
    const source = await host.read(`https://gist.github.com/ann/${id}`)
    assert.equal(source.revision, 'v2')
    assert.match(source.markdown, /### `a\.py`\n\n```python\nx = 1\n```\n\n### `b\.md`/)
  })

  it("GitHub's hourly limit is told from a refusal", async () => {
    await using host = await startGitHost({
      '/api/repos/o/r/issues/1': {
        status: 403,
        headers: { 'x-ratelimit-remaining': '0' },
        body: '{}',
      },
      '/api/repos/o/r/issues/2': {
        status: 403,
        headers: { 'x-ratelimit-remaining': '9' },
        body: '{}',
      },
    })
    await assert.rejects(host.read('https://github.com/o/r/issues/1'), failsWith('RATE_LIMITED'))
    await assert.rejects(host.read('https://github.com/o/r/issues/2'), failsWith('FORBIDDEN'))
  })
})

describe('the token', () => {
  it('goes to the configured hosts, and never on with a redirect to another', async () => {
    const seen: string[] = []
    const note = (where: string) => (request: IncomingMessage) => {
      seen.push(`${where} ${request.headers.authorization ?? 'none'}`)
    }
    await using evil = await startSite({
      '/take': (request, response) => {
        note('evil')(request)
        response.writeHead(404).end()
      },
    })
    await using site = await startSite({
      '/o/r/tar.gz/HEAD': (request, response) => {
        note('host')(request)
        response.writeHead(302, { location: `${evil.origin}/take` }).end()
      },
    })
    const ports = [evil.port, site.port]
    await using fetch = guarded({ allow: ports.map((port) => ({ host: '127.0.0.1', port })) })
    const { origin } = site
    const read = createGithubReader({
      fetch,
      apiUrl: origin,
      archiveUrl: origin,
      rawUrl: origin,
      token: 'secret',
    })
    const signal = AbortSignal.timeout(240_000)
    await assert.rejects(
      read({ url: 'https://github.com/o/r', kind: 'github', signal }),
      failsWith('NOT_FOUND'),
    )
    assert.deepEqual(seen, ['host Bearer secret', 'evil none'])
    for (const url of [
      'https://github.com.evil.example/o/r',
      `${evil.origin}/take`,
      `https://github.com@127.0.0.1:${evil.port}/o/r`,
    ]) {
      await assert.rejects(read({ url, kind: 'github', signal }), failsWith('UNSUPPORTED_TYPE'))
    }
    assert.equal(seen.length, 2)
  })

  it('that GitHub refuses is left out and the public repository read', async () => {
    const archive = await archiveOf({ 'a.md': 'A' })
    const seen: (string | undefined)[] = []
    await using host = await startGitHost(
      {
        '/o/r/tar.gz/HEAD': (request, response) => {
          seen.push(request.headers.authorization)
          if (request.headers.authorization) response.writeHead(401).end('Bad credentials')
          else response.writeHead(200).end(archive)
        },
      },
      'expired',
    )
    assert.match((await host.read('https://github.com/o/r')).markdown, /### `a\.md`/)
    assert.deepEqual(seen, ['Bearer expired', undefined])
  })
})
