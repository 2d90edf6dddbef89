import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Talk {
  id: string
  title: string
  author: string
  description: string
  seconds: number
  /** One caption line after another, each with the second at which it is spoken. */
  lines: [second: number, text: string][]
}

const talk: Talk = JSON.parse(readFileSync(join(import.meta.dirname, 'site', 'talk.json'), 'utf8'))

/** InnerTube's answer to `/youtubei/v1/player`, with the fields that a transcript needs. */
export function playerAnswer(body: string, origin: string): object {
  const asked: { videoId?: string } = JSON.parse(body)
  if (asked.videoId !== talk.id) {
    return { playabilityStatus: { status: 'ERROR', reason: 'This video is unavailable' } }
  }
  return {
    playabilityStatus: { status: 'OK' },
    videoDetails: {
      videoId: talk.id,
      title: talk.title,
      author: talk.author,
      lengthSeconds: String(talk.seconds),
      shortDescription: talk.description,
      isLiveContent: false,
    },
    captions: {
      playerCaptionsTracklistRenderer: {
        captionTracks: [
          {
            baseUrl: `${origin}/api/timedtext?v=${talk.id}&lang=en`,
            languageCode: 'en',
            name: { runs: [{ text: 'English' }] },
            vssId: '.en',
          },
        ],
      },
    },
  }
}

/** The captions as `fmt=json3`: events with a start, a duration and segments of text. */
export function captions(): object {
  return {
    wireMagic: 'pb3',
    events: talk.lines.map(([second, text], at) => ({
      tStartMs: second * 1000,
      dDurationMs: ((talk.lines[at + 1]?.[0] ?? talk.seconds) - second) * 1000,
      segs: text.split(/(?<= )/).map((utf8) => ({ utf8 })),
    })),
  }
}
