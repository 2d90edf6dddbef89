import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { checkSource } from '../../src/sources/check-source.ts'
import type { GatherSource, SourceKind } from '../../src/sources/source.ts'
import { createYoutubeReader } from '../../src/sources/youtube/youtube-reader.ts'
import { archiveOf, commit, gzipped, json, startGitHost } from '../support/git-host.ts'
import { guarded } from '../support/guarded.ts'
import { type Route, startSite } from '../support/site.ts'

/** Reads a source, lets the world change, and asks it again. */
async function readThenCheck(
  gather: GatherSource,
  kind: SourceKind,
  url: string,
  change: () => void,
) {
  await using fetch = guarded()
  const signal = AbortSignal.timeout(240_000)
  const read = await gather({ url, kind, signal })
  change()
  const known = {
    kind,
    url,
    revision: read.revision ?? null,
    snapshotSha256: read.snapshot
      ? createHash('sha256').update(read.snapshot.bytes).digest('hex')
      : null,
    markdown: read.markdown,
    isCleaned: false,
  }
  return await checkSource({ fetch, gather }, known, signal)
}

describe('asking a repository again', () => {
  const other = 'f'.repeat(40)
  const at = async (sha: string, files: Record<string, string>) =>
    gzipped(await archiveOf(files, [], sha))
  const files = { 'README.md': '# One\n', 'docs/a.md': '# A\n' }
  const two = { ...files, 'README.md': '# Two\n' }
  const cases: [string, string, () => Promise<Route> | Route, string][] = [
    ['with the same commit is unchanged', '', () => at(commit, files), 'unchanged'],
    ['with another commit and text is changed', '', () => at(other, two), 'changed'],
    [
      'whose folder no commit touched is unchanged',
      '/tree/HEAD/docs',
      () => at(other, two),
      'unchanged',
    ],
    ['that was removed is gone', '', () => ({ status: 404 }), 'gone'],
    ['that cannot be asked is unreachable', '', () => ({ status: 403 }), 'unreachable'],
  ]
  for (const [what, path, after, outcome] of cases) {
    it(what, async () => {
      const routes: Record<string, Route> = { '/o/r/tar.gz/HEAD': await at(commit, files) }
      await using host = await startGitHost(routes)
      const now = await after()
      const check = await readThenCheck(
        ({ url }) => host.read(url),
        'github',
        `https://github.com/o/r${path}`,
        () => {
          routes['/o/r/tar.gz/HEAD'] = now
        },
      )
      assert.equal(check.outcome, outcome)
      if (check.outcome === 'changed') assert.match(check.markdown, new RegExp(other))
    })
  }

  it('tells a new comment of an issue as a change', async () => {
    const issue = json({ title: 'It breaks', state: 'open', body: 'x', comments: 0 })
    const routes: Record<string, Route> = {
      '/api/repos/o/r/issues/7': issue,
      '/api/repos/o/r/issues/7/comments': json([]),
    }
    await using host = await startGitHost(routes)
    const url = 'https://github.com/o/r/issues/7'
    const check = await readThenCheck(
      ({ url }) => host.read(url),
      'github',
      url,
      () => {
        routes['/api/repos/o/r/issues/7/comments'] = json([{ body: 'Fixed.' }])
      },
    )
    assert.equal(check.outcome, 'changed')
  })
})

describe('asking a video again', () => {
  const captions = (text: string) =>
    JSON.stringify({ events: [{ tStartMs: 0, dDurationMs: 2000, segs: [{ utf8: text }] }] })
  const player = (status: string, tracks: number) => ({
    playabilityStatus: { status },
    videoDetails: { title: 'A talk', author: 'Ann', lengthSeconds: '9', shortDescription: '' },
    captions: {
      playerCaptionsTracklistRenderer: {
        captionTracks: Array.from({ length: tracks }, () => ({
          baseUrl: '/c',
          languageCode: 'en',
        })),
      },
    },
  })
  const cases: [string, object, string, string][] = [
    ['with the same captions is unchanged', player('OK', 1), 'Hello.', 'unchanged'],
    ['with corrected captions is changed', player('OK', 1), 'Hello there.', 'changed'],
    ['without its captions is gone', player('OK', 0), '', 'gone'],
    ['that is private now is gone', player('ERROR', 0), '', 'gone'],
    ['that asks for a sign-in is unreachable', player('LOGIN_REQUIRED', 0), '', 'unreachable'],
  ]
  for (const [what, after, text, outcome] of cases) {
    it(what, async () => {
      const routes: Record<string, Route> = {
        '/youtubei/v1/player': json(player('OK', 1)),
        '/c': { body: captions('Hello.') },
      }
      await using site = await startSite(routes)
      await using fetch = guarded({ allow: [{ host: '127.0.0.1', port: site.port }] })
      const gather = createYoutubeReader({ fetch, baseUrl: site.origin })
      const check = await readThenCheck(gather, 'youtube', 'https://youtu.be/dQw4w9WgXcQ', () => {
        routes['/youtubei/v1/player'] = json(after)
        routes['/c'] = { body: captions(text) }
      })
      assert.equal(check.outcome, outcome)
    })
  }
})
