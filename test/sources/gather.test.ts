import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createGatherer } from '../../src/sources/gather.ts'
import { linkKind } from '../../src/sources/link-kind.ts'
import type { GatherSource } from '../../src/sources/source.ts'
import { SourceFailure } from '../../src/sources/source-failure.ts'

it('each address reaches the adapter of its kind, and pages of GitHub the web reader', async () => {
  const reader =
    (name: string): GatherSource =>
    () =>
      Promise.reject(new SourceFailure('EMPTY', name))
  const gather = createGatherer({
    web: reader('web'),
    github: reader('github'),
    youtube: reader('youtube'),
  })
  const chosen = async (url: string) => {
    const request = { url, kind: linkKind(url), signal: AbortSignal.timeout(1000) }
    return gather(request).then(
      () => 'read',
      (error: SourceFailure) => error.detail,
    )
  }
  assert.equal(await chosen('https://github.com/o/r'), 'github')
  assert.equal(await chosen('https://github.com/o/r/wiki/Home'), 'web')
  assert.equal(await chosen('https://github.com/o/r/releases/tag/v1'), 'web')
  assert.equal(await chosen('https://youtu.be/dQw4w9WgXcQ'), 'youtube')
  assert.equal(await chosen('https://example.com/'), 'web')
})
