import { z } from 'zod'
import { cleanMarkdown } from '../extraction/clean-markdown.ts'
import type { GuardedFetch } from '../fetch/guarded-fetch.ts'
import type { SourceFacts } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import type { RenderPage } from './render-page.ts'

export interface FirecrawlSettings {
  baseUrl: string
  apiKey: string
}

/** A page as Firecrawl's browser saw it. */
interface FirecrawlPage {
  title: string
  markdown: string
  finalUrl: string
  facts: SourceFacts
}

const weekMs = 7 * 24 * 3_600_000

const label = z
  .union([z.string(), z.array(z.string()).transform((values) => values[0] ?? '')])
  .optional()
  .catch(undefined)
const answer = z.object({
  success: z.literal(true),
  data: z.object({
    markdown: z.string().min(1),
    metadata: z
      .object({
        title: label,
        author: label,
        language: label,
        ogSiteName: label,
        publishedTime: label,
        sourceURL: label,
        url: label,
        statusCode: z.number().optional().catch(undefined),
      })
      .default({}),
  }),
})

/** Reads pages that need JavaScript through Firecrawl's API, taking a copy of up to a week ago. */
export function createFirecrawl(fetch: GuardedFetch, settings: FirecrawlSettings): RenderPage {
  return async (url, signal) => {
    const response = await fetch.fetch({
      url: new URL('/v2/scrape', settings.baseUrl).href,
      method: 'POST',
      headers: {
        authorization: `Bearer ${settings.apiKey}`,
        'content-type': 'application/json',
      },
      accept: 'application/json',
      body: JSON.stringify({ url, formats: ['markdown'], onlyMainContent: true, maxAge: weekMs }),
      signal,
      obeyRobots: false,
      retries: 2,
      timeoutMs: 120_000,
    })
    if (response.status !== 200) throw refused(response.status)
    const page = pageOf(new TextDecoder().decode(response.bytes), url)
    return {
      title: page.title || new URL(page.finalUrl).hostname,
      markdown: cleanMarkdown(page.markdown),
      snapshot: { bytes: new TextEncoder().encode(page.markdown), mediaType: 'text/markdown' },
      finalUrl: page.finalUrl,
      retrievedAt: response.retrievedAt,
      converter: 'firecrawl/2',
      facts: page.facts,
      notes: ['Read through Firecrawl.'],
    }
  }
}

function refused(status: number): SourceFailure {
  if (status === 429) return new SourceFailure('RATE_LIMITED', 'Firecrawl answered 429')
  return new SourceFailure('HTTP_ERROR', `Firecrawl answered ${status}`)
}

function pageOf(body: string, url: string): FirecrawlPage {
  const parsed = answer.safeParse(parsedJson(body))
  if (!parsed.success) throw new SourceFailure('EMPTY', 'Firecrawl found no text')
  const { markdown, metadata } = parsed.data.data
  const status = metadata.statusCode ?? 200
  if (status === 404 || status === 410) throw new SourceFailure('NOT_FOUND', `status ${status}`)
  if (status >= 400) throw new SourceFailure('HTTP_ERROR', `status ${status}`)
  const { title, author, language, ogSiteName, publishedTime } = metadata
  const finalUrl = metadata.url ?? metadata.sourceURL ?? url
  return {
    title: title?.trim() ?? '',
    markdown,
    finalUrl: URL.canParse(finalUrl) && /^https?:/.test(finalUrl) ? finalUrl : url,
    facts: {
      ...(author ? { author } : {}),
      ...(language ? { language } : {}),
      ...(ogSiteName ? { site: ogSiteName } : {}),
      ...(publishedTime ? { publishedAt: publishedTime } : {}),
    },
  }
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
