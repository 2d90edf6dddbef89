import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalUrl } from '../../../src/sources/canonical-url.ts'
import { parseYoutubeUrl } from '../../../src/sources/youtube/youtube-url.ts'

const id = 'dQw4w9WgXcQ'
const video = { kind: 'video', id }
const playlist = { kind: 'playlist', id: 'PL0123456789' }
const site = 'https://www.youtube.com'

describe('an address of YouTube', () => {
  const rows: readonly (readonly [string, unknown])[] = [
    [`${site}/watch?v=${id}?t=30`, video],
    [`${site}/watch?v=${id}&list=${playlist.id}`, video],
    [`${site}/watch%3Fv%3D${id}%26t%3D30`, video],
    [`${site}/watch/${id}`, video],
    [`${site}/shorts/${id}?feature=share`, video],
    [`${site}/live/${id}`, video],
    [`${site}/embed/${id}?start=5`, video],
    [`${site}/attribution_link?u=%2Fwatch%3Fv%3D${id}%26feature%3Dshare`, video],
    [`https://youtu.be/${id}&t=30`, video],
    [`https://youtu.be/watch?v=${id}`, video],
    [`${site}/embed/videoseries?list=${playlist.id}`, playlist],
    [`${site}/v/videoseries?list=${playlist.id}`, playlist],
    [`${site}/embed?listType=playlist&list=${playlist.id}`, playlist],
    [`${site}/watch?v=videoseries&list=${playlist.id}`, playlist],
    [`${site}/playlist?list=${playlist.id}?si=x`, playlist],
    [`${site}/embed/videoseries`, null],
    [`${site}/embed/live_stream?channel=UC4R8DWoMoI7CAwX8_LjQHig`, null],
    [`${site}/channel/UC4R8DWoMoI7CAwX8_LjQHig/live`, null],
    [`${site}/@name/shorts`, null],
    [`${site}/watch?v=${id}x`, null],
    ['https://youtu.be/live_stream', null],
  ]
  for (const [url, named] of rows) it(url, () => assert.deepEqual(parseYoutubeUrl(url), named))

  it('of a playlist has one key, however it is embedded', () => {
    const keys = ['playlist', 'embed/videoseries', 'watch'].map((path) =>
      canonicalUrl(`${site}/${path}?list=${playlist.id}`),
    )
    assert.deepEqual(new Set(keys), new Set([`${site}/playlist?list=${playlist.id}`]))
  })

  it('names no video by a word of the site, in whatever place it stands', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('videoseries', 'live_stream'),
        fc.constantFrom('embed/', 'v/', 'e/', 'live/', 'shorts/', 'watch/', 'watch?v='),
        fc.constantFrom('', '?a=1', '&a=1', '#x'),
        (word, path, more) => {
          assert.equal(parseYoutubeUrl(`${site}/${path}${word}${more}`), null)
        },
      ),
    )
  })
})
