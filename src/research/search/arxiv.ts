import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import { askText } from './ask-api.ts'
import { boundAnswer } from './bound-answer.ts'
import { hitList, saidText } from './hit-list.ts'
import { apiUrl, type ProviderSettings, searchTimeoutMs } from './provider-settings.ts'
import { SearchFailure } from './search-failure.ts'
import type { SearchProvider } from './search-provider.ts'

const feedSchema = z.object({
  feed: z.object({
    entry: hitList(
      z.object({ id: z.string(), title: saidText, summary: saidText, published: saidText }),
    ).default([]),
  }),
})

// Entities stay as they are: a DTD could expand without end.
const parser = new XMLParser({
  parseTagValue: false,
  processEntities: false,
  isArray: (name) => name === 'entry',
})

/** arXiv's Atom API, no key. Asked only when NOVA_SEARCH names it. */
export function arxiv(settings: ProviderSettings): SearchProvider {
  return {
    name: 'arxiv',
    async search(query, { limit, signal }) {
      // Quotes and colons are operators there, so only words are sent.
      const words = query.match(/[\p{L}\p{N}-]+/gu)?.slice(0, 12) ?? []
      const parameters = new URLSearchParams({
        search_query: words.map((word) => `all:${word}`).join(' AND '),
        max_results: String(Math.min(limit, 20)),
      })
      const xml = await askText(settings.http, {
        provider: 'arxiv',
        url: apiUrl(settings.baseUrl ?? 'https://export.arxiv.org', `/api/query?${parameters}`),
        accept: 'application/atom+xml',
        signal,
        timeoutMs: settings.timeoutMs ?? searchTimeoutMs,
      })
      return boundAnswer({
        provider: 'arxiv',
        answer: null,
        limit,
        sources: entriesOf(xml).map(
          (entry) =>
            entry && {
              url: entry.id.replace(/^http:/, 'https:'),
              title: entry.title,
              snippet: entry.summary,
              published_at: entry.published,
            },
        ),
      })
    },
  }
}

function entriesOf(xml: string) {
  try {
    return feedSchema.parse(parser.parse(xml)).feed.entry
  } catch (cause) {
    throw new SearchFailure('BAD_ANSWER', 'arxiv', 'not the Atom feed it documents', { cause })
  }
}
