import { z } from 'zod'
import { askJson } from './ask-api.ts'
import { boundAnswer } from './bound-answer.ts'
import { hitList, saidText } from './hit-list.ts'
import { apiUrl, type ProviderSettings, searchTimeoutMs } from './provider-settings.ts'
import { SearchFailure } from './search-failure.ts'
import type { SearchProvider } from './search-provider.ts'

const answerSchema = z.object({
  results: hitList(
    z.object({ url: z.string(), title: saidText, content: saidText, publishedDate: saidText }),
  ),
  unresponsive_engines: z.array(z.unknown()).catch([]),
})

const explain = {
  403: 'enable JSON in settings.yml: search.formats must list json',
  429: 'its limiter refuses us; list the address of this server in limiter.toml',
}

/** A SearXNG instance. It writes no answer, so `answer` is null; it has no count parameter either. */
export function searxng(settings: ProviderSettings & { baseUrl: string }): SearchProvider {
  return {
    name: 'searxng',
    async search(query, { limit, signal }) {
      const parameters = new URLSearchParams({ q: query, format: 'json' })
      const found = await askJson(
        settings.http,
        {
          provider: 'searxng',
          url: apiUrl(settings.baseUrl, `/search?${parameters}`),
          signal,
          timeoutMs: settings.timeoutMs ?? searchTimeoutMs,
          explain,
        },
        answerSchema,
      )
      if (found.results.length === 0 && found.unresponsive_engines.length > 0) {
        throw new SearchFailure('UNAVAILABLE', 'searxng', 'none of its engines answered')
      }
      return boundAnswer({
        provider: 'searxng',
        answer: null,
        limit,
        sources: found.results.map(
          (hit) =>
            hit && {
              url: hit.url,
              title: hit.title,
              snippet: hit.content,
              published_at: hit.publishedDate,
            },
        ),
      })
    },
  }
}
