import type { RawSource } from './bound-answer.ts'

/** A piece of an answer and what the provider says it rests on; as in the AI SDK's content parts. */
export interface CitedPart {
  text: string
  citations: readonly Citation[]
}

interface Citation {
  url: string
  title?: string | undefined
  /** Offset in the part's text behind which the marker goes; without it, the end of the part. */
  end?: number | undefined
  /** The supporting passage, when the provider gives one. */
  passage?: string | undefined
}

/** Joins the parts and writes `[n]` behind what rests on source n; sources found but not cited follow. */
export function citeParts(
  parts: readonly CitedPart[],
  uncited: readonly { url: string; title?: string | undefined }[],
): { answer: string; sources: RawSource[] } {
  const sources: RawSource[] = []
  const numbers = new Map<string, number>()
  const numberOf = (citation: Citation): number => {
    const url = withoutTracking(citation.url)
    const known = numbers.get(url)
    if (known !== undefined) return known
    sources.push({ url, title: citation.title, snippet: citation.passage, cited: true })
    numbers.set(url, sources.length)
    return sources.length
  }
  const answer = parts.map((part) => withMarkers(part, numberOf)).join('')
  for (const source of uncited) {
    const url = withoutTracking(source.url)
    if (!numbers.has(url)) sources.push({ url, title: source.title, cited: false })
  }
  return { answer, sources }
}

function withMarkers(part: CitedPart, numberOf: (citation: Citation) => number): string {
  const markers = new Map<number, Set<number>>()
  for (const citation of part.citations) {
    const end = Math.min(Math.max(citation.end ?? part.text.length, 0), part.text.length)
    const at = markers.get(end) ?? new Set()
    at.add(numberOf(citation))
    markers.set(end, at)
  }
  let answer = ''
  let from = 0
  for (const [end, cited] of [...markers].sort(([a], [b]) => a - b)) {
    answer += part.text.slice(from, end) + [...cited].map((number) => `[${number}]`).join('')
    from = end
  }
  return answer + part.text.slice(from)
}

/** OpenAI marks the links it found; the mark is not part of the page's address. */
function withoutTracking(address: string): string {
  if (!address.includes('utm_source=openai') || !URL.canParse(address)) return address
  const url = new URL(address)
  url.searchParams.delete('utm_source')
  return url.href
}
