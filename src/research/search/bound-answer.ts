import { canonicalUrl } from '../../sources/canonical-url.ts'
import { clipGraphemes, visibleLine, visibleText } from '../../visible-text.ts'
import { renumbered } from './cited-numbers.ts'
import type { FoundSource, SearchAnswer } from './search-provider.ts'

const sourcesPerAnswerMax = 20
const urlCharsMax = 2_000
const titleCharsMax = 300
const snippetCharsMax = 1_000
const answerCharsMax = 20_000

/** A hit as a provider sent it, before anything about it is believed. */
export interface RawSource {
  url?: string | null | undefined
  title?: string | null | undefined
  snippet?: string | null | undefined
  published_at?: string | null | undefined
  cited?: boolean
}

export interface RawAnswer {
  provider: string
  answer: string | null
  /** Null where a hit could not be read: the others keep their places. */
  sources: readonly (RawSource | null)[]
  limit: number
  cost?: SearchAnswer['cost']
}

/**
 * Turns what a provider sent into a SearchAnswer: http(s) only, one source per canonical URL, everything
 * clipped. Citation markers follow their source to its new place; a marker whose source was dropped goes.
 */
export function boundAnswer(raw: RawAnswer): SearchAnswer {
  const limit = Math.max(0, Math.min(raw.limit, sourcesPerAnswerMax))
  const sources: FoundSource[] = []
  const placeOf = new Map<string, number>()
  const newPlaces = raw.sources.map((source) => {
    const url = webUrl(source?.url)
    if (!source || !url) return null
    const key = canonicalUrl(url)
    const known = placeOf.get(key)
    if (known !== undefined) {
      merge(sources[known], source)
      return known + 1
    }
    if (sources.length >= limit) return null
    placeOf.set(key, sources.length)
    sources.push(foundSource(url, source))
    return sources.length
  })
  return {
    provider: raw.provider,
    answer: raw.answer === null ? null : renumber(raw.answer, newPlaces),
    sources,
    ...(raw.cost && { cost: raw.cost }),
  }
}

function foundSource(url: string, source: RawSource): FoundSource {
  return {
    url,
    title: clipLine(source.title, titleCharsMax) ?? new URL(url).hostname,
    snippet: clipLine(source.snippet, snippetCharsMax),
    published_at: isoDate(source.published_at),
    cited: source.cited ?? false,
  }
}

function merge(known: FoundSource | undefined, other: RawSource): void {
  if (!known) return
  known.cited ||= other.cited ?? false
  if (known.title === new URL(known.url).hostname) {
    known.title = clipLine(other.title, titleCharsMax) ?? known.title
  }
  known.snippet ??= clipLine(other.snippet, snippetCharsMax)
  known.published_at ??= isoDate(other.published_at)
}

function renumber(answer: string, newPlaces: readonly (number | null)[]): string | null {
  const text = clipGraphemes(visibleText(answer), answerCharsMax)
  return renumbered(text, newPlaces).trim() || null
}

function webUrl(value: string | null | undefined): string | null {
  const address = visibleText(value ?? '').trim()
  if (address.length > urlCharsMax || !URL.canParse(address)) return null
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null
  if (url.username || url.password) return null
  return url.href
}

/** One line of visible text, at most `max` characters; null when nothing is left. */
export const clipLine = (value: string | null | undefined, max: number): string | null =>
  visibleLine(value ?? '', max) || null

/** `2025-03-01` from whatever a provider calls a date; null for anything that is not one. */
function isoDate(value: string | null | undefined): string | null {
  const text = (value ?? '').trim().slice(0, 60)
  const day = /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0]
  if (day) return Number.isNaN(Date.parse(day)) ? null : day
  if (!/\b\d{4}\b/.test(text)) return null
  // Without a zone a date would be read in this machine's, and the day could differ between machines.
  const time = [`${text} UTC`, text].map((each) => Date.parse(each)).find((t) => !Number.isNaN(t))
  return time === undefined ? null : new Date(time).toISOString().slice(0, 10)
}
