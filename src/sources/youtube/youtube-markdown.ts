import { visibleLine } from '../../visible-text.ts'
import { clipText } from '../files/clip-text.ts'
import type { Caption } from './youtube-captions.ts'
import type { VideoDetails } from './youtube-player.ts'

export interface Video {
  id: string
  details: VideoDetails | undefined
  /** How the text was made, as a reader should see it, e.g. `en, automatic captions`. */
  transcript: string
}

const timestampEverySeconds = 30
const descriptionCharsMax = 5_000

export const videoUrl = (id: string): string => `https://www.youtube.com/watch?v=${id}`

/** A transcript with a timestamp link every 30 seconds and the chapters its description lists. */
export function captionsMarkdown(video: Video, captions: readonly Caption[]): string {
  const chapters = chaptersIn(video.details?.description ?? '')
  const out: string[] = []
  let words: string[] = []
  let startedAt = 0
  const flush = () => {
    if (words.length) out.push(`${timestampLink(video.id, startedAt)} ${words.join(' ')}`)
    words = []
  }
  for (const { startSeconds, text } of captions) {
    while (chapters[0] && startSeconds >= chapters[0].startSeconds) {
      flush()
      out.push(`### ${plain(chapters.shift()?.title ?? '')}`)
    }
    if (words.length && startSeconds - startedAt >= timestampEverySeconds) flush()
    if (words.length === 0) startedAt = startSeconds
    words.push(plain(text))
  }
  flush()
  return videoMarkdown(video, out.join('\n\n'))
}

/** Facts, description and transcript of a video. */
export function videoMarkdown({ id, details, transcript }: Video, text: string): string {
  const facts = [
    ...(details?.author ? [`- Channel: ${plain(details.author)}`] : []),
    `- Video: ${videoUrl(id)}`,
    ...(details?.seconds ? [`- Length: ${clock(details.seconds)}`] : []),
    `- Transcript: ${transcript}`,
  ]
  const description = clipText((details?.description ?? '').trim(), descriptionCharsMax)
  const quoted = description.split('\n').map((line) => `> ${plain(line)}`.trimEnd())
  return [
    `# ${plain(details?.title ?? id)}`,
    facts.join('\n'),
    ...(description ? ['## Description', quoted.join('\n')] : []),
    '## Transcript',
    `${text}\n`,
  ].join('\n\n')
}

interface Chapter {
  startSeconds: number
  title: string
}

/** YouTube's own rule: at least three timestamps in order, the first at 0:00. */
function chaptersIn(description: string): Chapter[] {
  const chapters = description.split('\n').flatMap((line) => {
    const match =
      /^\s{0,9}[([]?((?:\d{1,2}:)?\d{1,2}:\d{2})[)\]]?\s{0,9}[-–—:|]?\s{0,9}(\S.{0,200})/.exec(line)
    if (!match?.[1] || !match[2]) return []
    const startSeconds = match[1].split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
    return [{ startSeconds, title: match[2].trim() }]
  })
  const inOrder = chapters.every(
    (chapter, n) => chapter.startSeconds > (chapters[n - 1]?.startSeconds ?? -1),
  )
  return chapters.length >= 3 && chapters[0]?.startSeconds === 0 && inOrder ? chapters : []
}

const timestampLink = (id: string, seconds: number): string =>
  `[${clock(seconds)}](${videoUrl(id)}&t=${Math.floor(seconds)}s)`

function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** What the site says is text: it may not become markup, links or headings of ours. */
export const plain = (text: string): string => visibleLine(text).replace(/[\\`*_[\]<>#|]/g, '\\$&')
