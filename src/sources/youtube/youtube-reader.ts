import type { GatheredSource, GatherSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import { captionsMarkdown, videoMarkdown, videoUrl } from './youtube-markdown.ts'
import type { VideoDetails } from './youtube-player.ts'
import { readPlaylist } from './youtube-playlist.ts'
import {
  languageOf,
  readTranscript,
  type Transcript,
  type TranscriptSettings,
  trackName,
} from './youtube-transcript.ts'
import { parseYoutubeUrl } from './youtube-url.ts'

export interface YoutubeSettings extends Omit<TranscriptSettings, 'languages'> {
  /** Preferred caption languages, best first; default English. */
  languages?: readonly string[]
  /** Makes a transcript from the video itself, in Markdown, for videos without readable captions. */
  transcribe?: ((videoUrl: string, signal: AbortSignal) => Promise<string>) | undefined
}

/**
 * Reads the transcript of one video from its captions, or by `transcribe` where there are none to be had. Of a
 * playlist the first videos, by captions only: listening to all of them would cost more than anybody asked for.
 */
export function createYoutubeReader(settings: YoutubeSettings): GatherSource {
  const { transcribe } = settings
  const captions = { ...settings, languages: settings.languages ?? ['en'] }
  return async ({ url, signal }) => {
    const named = parseYoutubeUrl(url)
    if (!named) throw new SourceFailure('BAD_URL', 'no video')
    if (named.kind === 'playlist') return await readPlaylist(named.id, captions, signal)
    const outcome = await readTranscript(named.id, captions, signal)
    if ('transcript' in outcome) return fromCaptions(named.id, outcome.transcript)
    const { failure, details } = outcome
    const mayListen = failure.reason === 'NO_CAPTIONS' || failure.reason === 'VIDEO_BLOCKED'
    if (!transcribe || !mayListen) throw failure
    const text = await listen(transcribe, named.id, failure, signal)
    return fromListening(named.id, text, details, failure)
  }
}

/** When listening fails too, why there were no captions is the better answer. */
async function listen(
  transcribe: (videoUrl: string, signal: AbortSignal) => Promise<string>,
  id: string,
  failure: SourceFailure,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await transcribe(videoUrl(id), signal)
  } catch (cause) {
    if (signal.aborted) throw new SourceFailure('CANCELLED', undefined, { cause })
    throw new SourceFailure(failure.reason, failure.detail, { cause })
  }
}

function fromCaptions(
  id: string,
  { track, captions, answer, details }: Transcript,
): GatheredSource {
  const language = languageOf(track.languageCode)
  const isAutomatic = track.kind === 'asr'
  const transcript = trackName(track)
  return {
    ...videoSource(id, details),
    markdown: captionsMarkdown({ id, details, transcript }, captions),
    snapshot: { bytes: answer.bytes, mediaType: 'application/json' },
    retrievedAt: answer.retrievedAt,
    converter: 'youtube/1',
    revision: `captions:${language}${isAutomatic ? ':automatic' : ''}`,
    facts: { ...videoFacts(details), language },
    notes: isAutomatic ? ['The captions were made by speech recognition.'] : [],
  }
}

function fromListening(
  id: string,
  text: string,
  details: VideoDetails | undefined,
  failure: SourceFailure,
): GatheredSource {
  if (text.trim() === '') throw failure
  const transcript = 'made from the video by a language model'
  return {
    ...videoSource(id, details),
    markdown: videoMarkdown({ id, details, transcript }, text.trim()),
    snapshot: null,
    retrievedAt: new Date(),
    converter: 'youtube-listening/1',
    facts: videoFacts(details),
    notes: [`The transcript was made by a language model: ${failure.message}`],
  }
}

const videoSource = (id: string, details: VideoDetails | undefined) => ({
  title: details?.title ?? `YouTube video ${id}`,
  finalUrl: videoUrl(id),
})

const videoFacts = (details: VideoDetails | undefined) => ({
  site: 'YouTube',
  ...(details?.author ? { author: details.author } : {}),
})
