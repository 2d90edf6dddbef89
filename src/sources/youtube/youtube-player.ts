import { z } from 'zod'

const trackSchema = z.object({
  baseUrl: z.string().max(8000),
  languageCode: z.string().max(40),
  /** `asr` for captions made by speech recognition. */
  kind: z.string().optional(),
})

const playerSchema = z.object({
  playabilityStatus: z
    .object({ status: z.string().optional(), reason: z.string().optional() })
    .optional()
    .catch(undefined),
  videoDetails: z
    .object({
      title: z.string().optional(),
      author: z.string().optional(),
      lengthSeconds: z.coerce.number().optional().catch(undefined),
      shortDescription: z.string().optional(),
    })
    .optional()
    .catch(undefined),
  captions: z
    .object({
      playerCaptionsTracklistRenderer: z.object({
        captionTracks: z.array(trackSchema).max(1000).default([]),
      }),
    })
    .optional()
    .catch(undefined),
})

export type CaptionTrack = z.infer<typeof trackSchema>

export interface VideoDetails {
  title: string | undefined
  author: string | undefined
  seconds: number | undefined
  description: string
}

export interface PlayerAnswer {
  status: 'playable' | 'blocked' | 'unplayable'
  details: VideoDetails | undefined
  tracks: CaptionTrack[]
}

/** What the player endpoint says of a video; null when it is not what that endpoint answers. */
export function parsePlayer(json: unknown): PlayerAnswer | null {
  const parsed = playerSchema.safeParse(json)
  if (!parsed.success) return null
  const { playabilityStatus, videoDetails, captions } = parsed.data
  return {
    status: playability(playabilityStatus?.status ?? 'OK', playabilityStatus?.reason ?? ''),
    details: videoDetails && {
      title: videoDetails.title,
      author: videoDetails.author,
      seconds: videoDetails.lengthSeconds,
      description: videoDetails.shortDescription ?? '',
    },
    tracks: captions?.playerCaptionsTracklistRenderer.captionTracks ?? [],
  }
}

/** "Sign in" is said to robots, to children and of private videos alike; only the words tell. */
function playability(status: string, reason: string): PlayerAnswer['status'] {
  if (status === 'OK') return 'playable'
  if (status !== 'LOGIN_REQUIRED') return 'unplayable'
  return /\b(?:age|private|inappropriate)\b/i.test(reason) ? 'unplayable' : 'blocked'
}

/**
 * The track to read: in the order of preferred languages, and in each people's captions before the
 * machine's; else the video's own language, which is the one the machine listened to.
 */
export function chooseTrack(
  tracks: readonly CaptionTrack[],
  languages: readonly string[],
): CaptionTrack | undefined {
  const manual = tracks.filter((track) => track.kind !== 'asr')
  const automatic = tracks.find((track) => track.kind === 'asr')
  for (const language of languages) {
    const found = inLanguage(manual, language) ?? inLanguage(tracks, language)
    if (found) return found
  }
  return (automatic && inLanguage(manual, automatic.languageCode)) ?? automatic ?? manual[0]
}

function inLanguage(tracks: readonly CaptionTrack[], language: string): CaptionTrack | undefined {
  const base = (code: string) => code.toLowerCase().split('-')[0]
  return (
    tracks.find((track) => track.languageCode.toLowerCase() === language.toLowerCase()) ??
    tracks.find((track) => base(track.languageCode) === base(language))
  )
}
