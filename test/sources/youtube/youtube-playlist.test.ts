import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { createYoutubeReader } from '../../../src/sources/youtube/youtube-reader.ts'
import { guarded } from '../../support/guarded.ts'
import { nodesOf, plainText } from '../../support/markdown.ts'
import { type Route, startSite } from '../../support/site.ts'

const list = 'PL0123456789'
const address = `https://www.youtube.com/playlist?list=${list}`
const idOf = (n: number) => `video-${String(n).padStart(5, '0')}`

const feedOf = (count: number, title = 'Talks &amp; &lt;b&gt;tales&lt;/b&gt;') =>
  `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom">
 <yt:playlistId>${list}</yt:playlistId><title>${title}</title><author><name>Ann</name></author>
 ${Array.from({ length: count }, (_, n) => `<entry><yt:videoId>${idOf(n)}</yt:videoId><title>Talk ${n}</title></entry>`).join('\n')}
</feed>`

/** A video site with one playlist; the videos in `silent` have no captions. */
async function startPlaylistSite(feed: Route, silent: readonly string[] = []) {
  const asked: string[] = []
  const player = async (request: IncomingMessage, response: ServerResponse) => {
    const body: { videoId: string } = JSON.parse(
      Buffer.concat(await request.toArray()).toString('utf8'),
    )
    asked.push(body.videoId)
    const captionTracks = silent.includes(body.videoId)
      ? []
      : [{ baseUrl: `/captions?v=${body.videoId}`, languageCode: 'en' }]
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        playabilityStatus: { status: 'OK' },
        videoDetails: { title: `Talk of ${body.videoId}`, author: 'Ann', lengthSeconds: '60' },
        captions: { playerCaptionsTracklistRenderer: { captionTracks } },
      }),
    )
  }
  const site = await startSite({
    '/feeds/videos.xml': feed,
    '/youtubei/v1/player': (request, response) => void player(request, response),
    '/captions': (request, response) => {
      const utf8 = `Said in ${new URL(request.url ?? '', 'http://x').searchParams.get('v')}.`
      response.end(JSON.stringify({ events: [{ tStartMs: 0, segs: [{ utf8 }] }] }))
    },
  })
  const fetch = guarded({ allow: [{ host: '127.0.0.1', port: site.port }] })
  const transcribe = () => assert.fail('a playlist is not listened to')
  const read = createYoutubeReader({ fetch, baseUrl: site.origin, transcribe })
  return {
    site,
    asked,
    read: (signal = AbortSignal.timeout(240_000)) =>
      read({ url: address, kind: 'youtube', signal }),
    async [Symbol.asyncDispose]() {
      await fetch.close()
      await site[Symbol.asyncDispose]()
    },
  }
}

describe('a playlist', () => {
  it('becomes one text of its videos, in order, each with its transcript', async () => {
    await using host = await startPlaylistSite({ body: feedOf(3) })
    const source = await host.read()
    assert.equal(source.title, 'Talks & <b>tales</b>')
    assert.equal(source.finalUrl, address)
    assert.deepEqual(
      nodesOf(source.markdown, 'heading')
        .filter(({ depth }) => depth < 3)
        .map((node) => [node.depth, plainText(node)]),
      [
        [1, 'Talks & <b>tales</b>'],
        [2, 'Talk of video-00000'],
        [2, 'Talk of video-00001'],
        [2, 'Talk of video-00002'],
      ],
    )
    assert.match(source.markdown, /- Channel: Ann\n- Playlist: https:\S+PL0123456789/)
    assert.match(source.markdown, /Said in video-00000\.[\s\S]+Said in video-00002\./)
    assert.equal(source.revision, `videos:${[0, 1, 2].map(idOf).join(',')}`)
    assert.deepEqual(host.site.requests[0], `GET /feeds/videos.xml?playlist_id=${list}`)
  })

  it('is read no further than ten videos, and says so', async () => {
    await using host = await startPlaylistSite({ body: feedOf(15) })
    const source = await host.read()
    assert.deepEqual(new Set(host.asked), new Set(Array.from({ length: 10 }, (_, n) => idOf(n))))
    assert.match(source.notes[0] ?? '', /first 10 videos .*\(15\)/)
    assert.doesNotMatch(source.markdown, /video-00010/)
  })

  it('names the videos that have no captions, with why', async () => {
    await using host = await startPlaylistSite({ body: feedOf(2) }, [idOf(1)])
    const source = await host.read()
    assert.match(
      source.markdown,
      /## Talk of video-00001\n\n- Video: \S+v=video-00001\n.*no captions/,
    )
    assert.ok(source.notes.includes('1 of them are named without a transcript.'))
  })

  it('of one video is a playlist too', async () => {
    await using host = await startPlaylistSite({ body: feedOf(1) })
    assert.match((await host.read()).markdown, /Said in video-00000/)
  })

  const failures: [string, string, Route][] = [
    ['that is private', 'UNPLAYABLE', { status: 404 }],
    ['refused to us', 'VIDEO_BLOCKED', { status: 429 }],
    ['without videos', 'EMPTY', { body: feedOf(0) }],
    ['that is no feed', 'EXTRACTION_FAILED', { body: '<html><p>Sign in' }],
    [
      'that is an entity bomb',
      'EXTRACTION_FAILED',
      { body: `<!DOCTYPE x [<!ENTITY a "${'b'.repeat(1000)}">]><x>${'&a;'.repeat(20_000)}</x>` },
    ],
  ]
  for (const [claim, reason, feed] of failures) {
    it(`${claim} fails as ${reason}`, async () => {
      await using host = await startPlaylistSite(feed)
      await assert.rejects(host.read(), { reason })
      assert.deepEqual(host.asked, [])
    })
  }

  it('is given up when the caller cancels', async () => {
    const caller = new AbortController()
    await using host = await startPlaylistSite((_request, response) => {
      caller.abort()
      response.end(feedOf(3))
    })
    await assert.rejects(host.read(caller.signal), { reason: 'CANCELLED' })
  })
})
