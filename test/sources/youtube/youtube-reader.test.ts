import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { parseCaptions } from '../../../src/sources/youtube/youtube-captions.ts'
import {
  createYoutubeReader,
  type YoutubeSettings,
} from '../../../src/sources/youtube/youtube-reader.ts'
import { guarded } from '../../support/guarded.ts'
import { startSite } from '../../support/site.ts'

const failsWith = (reason: string) => (error: unknown) =>
  error instanceof Error && 'reason' in error && error.reason === reason

const id = 'dQw4w9WgXcQ'
const url = `https://youtu.be/${id}`
const details = { title: 'A <b>talk</b>', author: 'Ann', lengthSeconds: '95', shortDescription: '' }

interface Track {
  baseUrl: string
  languageCode: string
  kind?: string
}

const playable = (tracks: readonly Track[], more: object = {}) => ({
  playabilityStatus: { status: 'OK' },
  videoDetails: { ...details, ...more },
  captions: { playerCaptionsTracklistRenderer: { captionTracks: tracks } },
})

const event = (seconds: number, text: string, more: object = {}) => ({
  tStartMs: seconds * 1000,
  dDurationMs: 2000,
  segs: [{ utf8: text }],
  ...more,
})

/** A video site whose player answers each client by name, and the captions under their paths. */
async function startVideoSite(
  player: (client: string, origin: string) => object | number,
  captions: Record<string, string> = {},
  settings: Partial<YoutubeSettings> = {},
) {
  const clients: string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body: unknown = JSON.parse(Buffer.concat(await request.toArray()).toString())
    assert.ok(body && typeof body === 'object' && 'context' in body && 'videoId' in body)
    assert.equal(body.videoId, id)
    const client = /"clientName":"(\w+)"/.exec(JSON.stringify(body.context))?.[1] ?? ''
    clients.push(client)
    const given = player(client, `http://${request.headers.host}`)
    if (typeof given === 'number') response.writeHead(given).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(given))
  }
  const site = await startSite({
    '/youtubei/v1/player': (request, response) => void answer(request, response),
    ...Object.fromEntries(Object.entries(captions).map(([path, body]) => [path, { body }])),
  })
  const fetch = guarded({ allow: [{ host: '127.0.0.1', port: site.port }], maxBytes: 50_000_000 })
  const reader = createYoutubeReader({ fetch, baseUrl: site.origin, ...settings })
  return {
    site,
    clients,
    read: (address = url) =>
      reader({ url: address, kind: 'youtube', signal: AbortSignal.timeout(240_000) }),
    async [Symbol.asyncDispose]() {
      await fetch.close()
      await site[Symbol.asyncDispose]()
    },
  }
}

const json3 = (...events: object[]) => JSON.stringify({ wireMagic: 'pb3', events })

describe('a video', () => {
  it('becomes a transcript with facts, chapters and a timestamp link every 30 seconds', async () => {
    const description = 'Watch this.\n0:00 Intro\n0:40 - The [middle]\n1:20 End'
    const captions = json3(
      event(0, 'Hello\n'),
      event(1, 'ignored', { aAppend: 1 }),
      event(12, 'and welcome.'),
      event(31, 'Second *part*.'),
      event(45, 'Third.'),
      { tStartMs: 50_000 },
      event(82, '[Music]'),
    )
    await using host = await startVideoSite(
      (_client, origin) =>
        playable([{ baseUrl: `${origin}/c?v=1`, languageCode: 'en' }], {
          shortDescription: description,
        }),
      { '/c': captions },
    )
    const source = await host.read()
    assert.equal(
      source.markdown,
      `# A \\<b\\>talk\\</b\\>

- Channel: Ann
- Video: https://www.youtube.com/watch?v=${id}
- Length: 1:35
- Transcript: en, captions

## Description

> Watch this.
> 0:00 Intro
> 0:40 - The \\[middle\\]
> 1:20 End

## Transcript

### Intro

[0:00](https://www.youtube.com/watch?v=${id}&t=0s) Hello and welcome.

[0:31](https://www.youtube.com/watch?v=${id}&t=31s) Second \\*part\\*.

### The \\[middle\\]

[0:45](https://www.youtube.com/watch?v=${id}&t=45s) Third.

### End

[1:22](https://www.youtube.com/watch?v=${id}&t=82s) \\[Music\\]
`,
    )
    assert.equal(source.revision, 'captions:en')
    assert.equal(source.title, details.title)
    assert.equal(new TextDecoder().decode(source.snapshot?.bytes), captions)
    assert.deepEqual(host.site.requests[1], 'GET /c?v=1&fmt=json3')
  })

  it('holds no character of a caption that nobody sees', () => {
    const [caption] = parseCaptions(json3(event(0, '\u200bHello \u200bthere\u{e0041}'))) ?? []
    assert.equal(caption?.text, 'Hello there')
  })

  it('keeps the captions beside one that came in another form', () => {
    const broken = [null, 7, { segs: 'x' }, { tStartMs: 'soon', segs: [null, { utf8: 7 }] }]
    for (const one of broken) {
      const json = JSON.stringify({ events: [event(0, 'before'), one, event(4, 'after')] })
      const texts = parseCaptions(json)?.map((caption) => caption.text)
      assert.deepEqual(texts, ['before', 'after'])
    }
  })

  it('is read from captions that people made before those of the machine, by language', async () => {
    const tracks = [
      { baseUrl: '/asr-en', languageCode: 'en', kind: 'asr' },
      { baseUrl: '/fr', languageCode: 'fr' },
      { baseUrl: '/en-gb', languageCode: 'en-GB' },
    ]
    const captions = Object.fromEntries(
      tracks.map((track) => [track.baseUrl, json3(event(0, track.baseUrl))]),
    )
    const chosen = async (languages: string[], offered: readonly Track[] = tracks) => {
      await using host = await startVideoSite(() => playable(offered), captions, { languages })
      const source = await host.read()
      return source.revision
    }
    assert.equal(await chosen(['en']), 'captions:en-GB')
    assert.equal(await chosen(['de', 'fr']), 'captions:fr')
    assert.equal(await chosen(['de']), 'captions:en-GB')
    assert.equal(await chosen(['de'], tracks.slice(0, 2)), 'captions:en:automatic')
  })

  it('whose captions come empty is asked for as the next client', async () => {
    await using host = await startVideoSite(
      (client) =>
        playable([{ baseUrl: client === 'ANDROID' ? '/empty' : '/full', languageCode: 'en' }]),
      { '/empty': '', '/full': json3(event(0, 'words')) },
    )
    assert.match((await host.read()).markdown, /\) words\n$/)
    assert.deepEqual(host.clients, ['ANDROID', 'IOS'])
  })

  it('of ten hours is read whole', async () => {
    const events = Array.from({ length: 18_000 }, (_, n) => event(n * 2, `caption number ${n}`))
    await using host = await startVideoSite(
      () =>
        playable([{ baseUrl: '/c', languageCode: 'en', kind: 'asr' }], { lengthSeconds: 36_000 }),
      { '/c': json3(...events) },
    )
    const { markdown } = await host.read()
    assert.equal(markdown.match(/^\[[\d:]+\]\(/gm)?.length, 1200)
    assert.match(markdown, /- Length: 10:00:00/)
    assert.match(markdown, /\[9:59:30\]\([^)]+&t=35970s\) .*caption number 17999\n$/)
  })
})

describe('a video without a transcript says why', () => {
  const cases: readonly (readonly [string, string, object | number])[] = [
    ['no captions', 'NO_CAPTIONS', playable([])],
    [
      'a sign-in wall',
      'VIDEO_BLOCKED',
      {
        playabilityStatus: {
          status: 'LOGIN_REQUIRED',
          reason: 'Sign in to confirm you’re not a bot',
        },
      },
    ],
    ['status 429', 'VIDEO_BLOCKED', 429],
    [
      'a private video',
      'UNPLAYABLE',
      { playabilityStatus: { status: 'LOGIN_REQUIRED', reason: 'This is a private video' } },
    ],
    [
      'a removed video',
      'UNPLAYABLE',
      { playabilityStatus: { status: 'ERROR', reason: 'Video unavailable' } },
    ],
    [
      'empty captions everywhere',
      'VIDEO_BLOCKED',
      playable([{ baseUrl: '/empty', languageCode: 'en' }]),
    ],
    [
      'captions that are not json3',
      'EXTRACTION_FAILED',
      playable([{ baseUrl: '/html', languageCode: 'en' }]),
    ],
    [
      'captions on a foreign host',
      'BLOCKED_ADDRESS',
      playable([{ baseUrl: 'https://youtube.com.evil.example/c', languageCode: 'en' }]),
    ],
    [
      'captions over another scheme',
      'BLOCKED_ADDRESS',
      playable([{ baseUrl: 'file:///etc/passwd', languageCode: 'en' }]),
    ],
    ['a player that answers nonsense', 'EXTRACTION_FAILED', ['x']],
  ]
  for (const [name, reason, answer] of cases) {
    it(`${name} is ${reason}`, async () => {
      await using host = await startVideoSite(() => answer, { '/empty': '', '/html': '<html>' })
      await assert.rejects(host.read(), failsWith(reason))
      assert.equal(host.clients.length, 3)
    })
  }
})

describe('a model that listens', () => {
  it('takes over when there are no captions, and is named', async () => {
    const asked: string[] = []
    const transcribe = async (address: string) => {
      asked.push(address)
      return '[0:00] Heard.'
    }
    await using host = await startVideoSite(() => playable([]), {}, { transcribe })
    const source = await host.read()
    assert.match(
      source.markdown,
      /^# A \\<b\\>[\s\S]+- Transcript: made from the video by a language model[\s\S]+\[0:00\] Heard\.\n$/,
    )
    assert.equal(source.converter, 'youtube-listening/1')
    assert.deepEqual(asked, [`https://www.youtube.com/watch?v=${id}`])
  })

  it('that fails leaves the first reason standing', async () => {
    const transcribe = () => Promise.reject(new Error('model down'))
    await using host = await startVideoSite(() => 429, {}, { transcribe })
    await assert.rejects(host.read(), failsWith('VIDEO_BLOCKED'))
  })

  it('is not asked for a private video', async () => {
    const transcribe = () => Promise.reject(new Error('asked'))
    const answer = { playabilityStatus: { status: 'UNPLAYABLE' } }
    await using host = await startVideoSite(() => answer, {}, { transcribe })
    await assert.rejects(host.read(), failsWith('UNPLAYABLE'))
  })
})
