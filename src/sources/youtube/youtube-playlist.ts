import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import { visibleLine } from '../../visible-text.ts'
import type { GatheredSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import { captionsMarkdown, plain, videoUrl } from './youtube-markdown.ts'
import { readTranscript, type TranscriptSettings, trackName } from './youtube-transcript.ts'

/** Each is two requests or more, and a playlist may hold thousands. */
const videosMax = 10
const atOnce = 3
const feedBytesMax = 2 * 2 ** 20

const text = z.coerce.string()
const entry = z.looseObject({
  'yt:videoId': z.string().regex(/^[\w-]{11}$/),
  title: text.catch(''),
})
const feed = z.object({
  feed: z.looseObject({
    title: text.catch(''),
    author: z.looseObject({ name: text }).optional().catch(undefined),
    entry: z
      .preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(z.unknown()))
      .optional(),
  }),
})

interface Listed {
  id: string
  title: string
}

interface Playlist {
  title: string
  author: string | undefined
  videos: Listed[]
}

/** The first videos of a playlist, as its feed names them, with the captions each of them has. */
export async function readPlaylist(
  id: string,
  settings: TranscriptSettings,
  signal: AbortSignal,
): Promise<GatheredSource> {
  const playlist = await readFeed(id, settings, signal)
  const videos = playlist.videos.slice(0, videosMax)
  const parts = await inTurn(videos, (video) => videoPart(video, settings, signal))
  const silent = parts.filter(({ isSilent }) => isSilent).length
  const author = playlist.author ? [`- Channel: ${plain(playlist.author)}`] : []
  const address = `https://www.youtube.com/playlist?list=${id}`
  const head = `# ${plain(playlist.title || id)}\n\n${[...author, `- Playlist: ${address}`].join('\n')}`
  return {
    title: playlist.title || `YouTube playlist ${id}`,
    markdown: `${[head, ...parts.map(({ markdown }) => markdown.trim())].join('\n\n')}\n`,
    snapshot: null,
    finalUrl: address,
    retrievedAt: new Date(),
    converter: 'youtube-playlist/1',
    revision: `videos:${videos.map((video) => video.id).join(',')}`,
    facts: { site: 'YouTube', ...(playlist.author ? { author: playlist.author } : {}) },
    notes: [
      `A playlist: the first ${videos.length} videos of those its feed names (${playlist.videos.length}).`,
      ...(silent > 0 ? [`${silent} of them are named without a transcript.`] : []),
    ],
  }
}

async function readFeed(
  id: string,
  { fetch, baseUrl }: TranscriptSettings,
  signal: AbortSignal,
): Promise<Playlist> {
  const url = new URL('/feeds/videos.xml', baseUrl)
  url.searchParams.set('playlist_id', id)
  const { status, bytes } = await fetch.fetch({
    url: url.href,
    accept: 'application/atom+xml, application/xml;q=0.9, */*;q=0.5',
    maxBytes: feedBytesMax,
    // One list that a person named, as a feed reader asks for it: docs/adr/0017-whose-robots-txt-is-asked.md.
    obeyRobots: false,
    signal,
  })
  if (status === 404) throw new SourceFailure('UNPLAYABLE', 'no public playlist')
  if (status === 403 || status === 429) throw new SourceFailure('VIDEO_BLOCKED', `status ${status}`)
  if (status !== 200) throw new SourceFailure('HTTP_ERROR', `status ${status}`)
  const parsed = feed.safeParse(parsedXml(new TextDecoder().decode(bytes)))
  if (!parsed.success) throw new SourceFailure('EXTRACTION_FAILED', 'the feed came in another form')
  const { title, author, entry: entries } = parsed.data.feed
  const videos = (entries ?? []).flatMap((value) => {
    const { success, data } = entry.safeParse(value)
    return success ? [{ id: data['yt:videoId'], title: tidy(data.title) }] : []
  })
  if (videos.length === 0) throw new SourceFailure('EMPTY', 'the playlist names no video')
  return { title: tidy(title), author: author && tidy(author.name), videos }
}

const parser = new XMLParser({ parseTagValue: false, htmlEntities: true, maxNestedTags: 100 })

function parsedXml(xml: string): unknown {
  try {
    return parser.parse(xml)
  } catch {
    return undefined
  }
}

const tidy = (value: string): string => visibleLine(value, 300)

interface Part {
  markdown: string
  isSilent: boolean
}

/** One video a level below the playlist; without captions its name and address, and why. */
async function videoPart(
  { id, title }: Listed,
  settings: TranscriptSettings,
  signal: AbortSignal,
): Promise<Part> {
  const outcome = await readTranscript(id, settings, signal)
  if ('failure' in outcome) {
    const name = plain(outcome.details?.title ?? (title || id))
    const why = outcome.failure.message
    const markdown = `## ${name}\n\n- Video: ${videoUrl(id)}\n- Transcript: none. ${why}`
    return { markdown, isSilent: true }
  }
  const { track, captions, details } = outcome.transcript
  const markdown = captionsMarkdown({ id, details, transcript: trackName(track) }, captions)
  return { markdown: markdown.replace(/^#{1,5} /gm, '#$&'), isSilent: false }
}

/** In order, a few at a time: the site takes many requests at once for a robot. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const out: R[] = []
  for (let from = 0; from < items.length; from += atOnce) {
    out.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))))
  }
  return out
}
