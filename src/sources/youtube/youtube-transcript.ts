import type { FetchedResponse, GuardedFetch } from '../fetch/guarded-fetch.ts'
import { SourceFailure } from '../source-failure.ts'
import { type Caption, parseCaptions } from './youtube-captions.ts'
import { type YoutubeClient, youtubeClients } from './youtube-clients.ts'
import {
  type CaptionTrack,
  chooseTrack,
  type PlayerAnswer,
  parsePlayer,
  type VideoDetails,
} from './youtube-player.ts'

export interface TranscriptSettings {
  fetch: Pick<GuardedFetch, 'fetch'>
  /** Where the player endpoint is. */
  baseUrl: string
  languages: readonly string[]
}

export interface Transcript {
  track: CaptionTrack
  captions: Caption[]
  answer: FetchedResponse
  details: VideoDetails | undefined
}

/** What the site told of the video before it failed; a transcript made elsewhere still wants its title. */
export type TranscriptOutcome =
  | { transcript: Transcript }
  | { failure: SourceFailure; details: VideoDetails | undefined }

const playerBytesMax = 10 * 2 ** 20
const captionBytesMax = 20 * 2 ** 20

/** How a track's text came to be, e.g. `en, automatic captions`. */
export const trackName = ({ languageCode, kind }: CaptionTrack): string =>
  `${languageOf(languageCode)}, ${kind === 'asr' ? 'automatic captions' : 'captions'}`

export const languageOf = (code: string): string => code.replace(/[^\w-]/g, '')

/** Asks as one client after another until captions come; each may be refused what the next one is given. */
export async function readTranscript(
  id: string,
  settings: TranscriptSettings,
  signal: AbortSignal,
): Promise<TranscriptOutcome> {
  const failures: SourceFailure[] = []
  let details: VideoDetails | undefined
  for (const client of youtubeClients) {
    try {
      const player = await askPlayer(id, client, settings, signal)
      details ??= player.details
      const captions = await readCaptions(player, client, settings, signal)
      return { transcript: { ...captions, details } }
    } catch (error) {
      if (!(error instanceof SourceFailure) || error.reason === 'CANCELLED') throw error
      failures.push(error)
    }
  }
  return { failure: mostTelling(failures), details }
}

/** "No captions" is said by a client that was let in, so it outweighs what the others were refused for. */
function mostTelling(failures: readonly SourceFailure[]): SourceFailure {
  for (const reason of ['NO_CAPTIONS', 'VIDEO_BLOCKED', 'UNPLAYABLE'] as const) {
    const found = failures.find((failure) => failure.reason === reason)
    if (found) return found
  }
  return failures.at(-1) ?? new SourceFailure('VIDEO_BLOCKED')
}

async function askPlayer(
  id: string,
  client: YoutubeClient,
  { fetch, baseUrl }: TranscriptSettings,
  signal: AbortSignal,
): Promise<PlayerAnswer> {
  const answer = await fetch.fetch({
    url: new URL('/youtubei/v1/player?prettyPrint=false', baseUrl).href,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': client.userAgent,
      'x-youtube-client-name': client.number,
      'x-youtube-client-version': String(client.context.clientVersion),
    },
    body: JSON.stringify({
      context: { client: { hl: 'en', ...client.context } },
      videoId: id,
      contentCheckOk: true,
      racyCheckOk: true,
    }),
    accept: 'application/json',
    maxBytes: playerBytesMax,
    obeyRobots: false,
    signal,
  })
  refuseStatus(answer.status)
  refusePage(answer)
  const player = parsePlayer(jsonOf(answer.bytes))
  if (!player) throw new SourceFailure('EXTRACTION_FAILED', 'the player answered in another form')
  if (player.status === 'blocked') throw new SourceFailure('VIDEO_BLOCKED', 'it asks for a sign-in')
  if (player.status === 'unplayable') throw new SourceFailure('UNPLAYABLE')
  return player
}

async function readCaptions(
  player: PlayerAnswer,
  client: YoutubeClient,
  { fetch, baseUrl, languages }: TranscriptSettings,
  signal: AbortSignal,
): Promise<Omit<Transcript, 'details'>> {
  const track = chooseTrack(player.tracks, languages)
  if (!track) throw new SourceFailure('NO_CAPTIONS')
  const answer = await fetch.fetch({
    url: captionUrl(track.baseUrl, baseUrl),
    headers: { 'user-agent': client.userAgent },
    accept: 'application/json',
    maxBytes: captionBytesMax,
    obeyRobots: false,
    signal,
  })
  refuseStatus(answer.status)
  refusePage(answer)
  // Without proof of origin the site answers 200 and nothing.
  if (answer.bytes.byteLength === 0) throw new SourceFailure('VIDEO_BLOCKED', 'captions come empty')
  const captions = parseCaptions(new TextDecoder().decode(answer.bytes))
  if (!captions) throw new SourceFailure('EXTRACTION_FAILED', 'captions in another form')
  if (captions.length === 0) throw new SourceFailure('NO_CAPTIONS', 'the track is empty')
  return { track, captions, answer }
}

/** The address comes from the answer, so it may lead only to the configured site or to YouTube itself. */
function captionUrl(address: string, baseUrl: string): string {
  const url = URL.parse(address, baseUrl)
  const isYoutube =
    url?.protocol === 'https:' && url.port === '' && /(?:^|\.)youtube\.com$/.test(url.hostname)
  if (!url || !(isYoutube || url.origin === new URL(baseUrl).origin)) {
    throw new SourceFailure('BLOCKED_ADDRESS', 'captions on a foreign host')
  }
  url.searchParams.set('fmt', 'json3')
  return url.href
}

function refuseStatus(status: number): void {
  if (status === 403 || status === 429) throw new SourceFailure('VIDEO_BLOCKED', `status ${status}`)
  if (status >= 400) throw new SourceFailure('HTTP_ERROR', `status ${status}`)
}

/** Instead of an answer a person may be shown a page: to consent in, or to prove that they are none of us. */
function refusePage({ url, mediaType, bytes }: FetchedResponse): void {
  const { hostname, pathname } = new URL(url)
  const isCaptcha = pathname.startsWith('/sorry')
  if (hostname.startsWith('consent.')) throw new SourceFailure('VIDEO_BLOCKED', 'a consent page')
  if (isCaptcha) throw new SourceFailure('VIDEO_BLOCKED', 'a page that asks for a captcha')
  if (!/html/.test(mediaType)) return
  const head = new TextDecoder().decode(bytes.subarray(0, 20_000))
  const isConsent = /consent\.(?:youtube|google)\./.test(head)
  throw new SourceFailure('VIDEO_BLOCKED', isConsent ? 'a consent page' : 'a page for people')
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}
