import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createGatherer } from '../../src/sources/gather.ts'
import { linkKind } from '../../src/sources/link-kind.ts'
import type { GatherSource } from '../../src/sources/source.ts'
import { SourceFailure } from '../../src/sources/source-failure.ts'

const reader =
  (name: string): GatherSource =>
  () =>
    Promise.reject(new SourceFailure('EMPTY', name))

it('each address reaches the adapter of its kind, and pages of GitHub the web reader', async () => {
  const gather = createGatherer({
    web: reader('web'),
    github: reader('github'),
    youtube: reader('youtube'),
  })
  const chosen = async (url: string) => {
    const request = { url, kind: linkKind(url), signal: AbortSignal.timeout(240_000) }
    return gather(request).then(
      () => 'read',
      (error: SourceFailure) => error.detail,
    )
  }
  assert.equal(await chosen('https://github.com/o/r'), 'github')
  assert.equal(await chosen('https://github.com/o/r/discussions'), 'web')
  assert.equal(await chosen('https://github.com/o/r/compare/a...b'), 'web')
  assert.equal(await chosen('https://youtu.be/dQw4w9WgXcQ'), 'youtube')
  assert.equal(await chosen('https://example.com/'), 'web')
})

it('a wiki page, release or discussion that GitHub does not give as text is read as the page it is', async () => {
  const asked: string[] = []
  const noting =
    (name: string): GatherSource =>
    (request) => {
      asked.push(name)
      return reader(name)(request)
    }
  const gather = createGatherer({
    web: noting('web'),
    github: noting('github'),
    youtube: noting('youtube'),
  })
  for (const path of ['wiki', 'releases/tag/v1', 'discussions/3']) {
    const url = `https://github.com/o/r/${path}`
    asked.length = 0
    const request = { url, kind: linkKind(url), signal: AbortSignal.timeout(240_000) }
    await assert.rejects(gather(request), { detail: 'web' })
    assert.deepEqual(asked, ['github', 'web'])
  }
})
