import { z } from 'zod'
import { askJson } from './ask-api.ts'
import { boundAnswer } from './bound-answer.ts'
import { hitList, saidText } from './hit-list.ts'
import { apiUrl, type ProviderSettings, searchTimeoutMs } from './provider-settings.ts'
import type { SearchProvider } from './search-provider.ts'
import { withoutTags } from './without-tags.ts'

const answerSchema = z.object({
  query: z
    .object({
      search: hitList(z.object({ title: z.string(), snippet: saidText, timestamp: saidText })),
    })
    .nullish(),
})

/** English Wikipedia, no key. Narrow, so it is asked only when NOVA_SEARCH names it. */
export function wikipedia(settings: ProviderSettings): SearchProvider {
  const base = settings.baseUrl ?? 'https://en.wikipedia.org'
  return {
    name: 'wikipedia',
    async search(query, { limit, signal }) {
      const parameters = new URLSearchParams({
        action: 'query',
        list: 'search',
        srsearch: query.slice(0, 300),
        srlimit: String(Math.min(limit, 20)),
        format: 'json',
      })
      const found = await askJson(
        settings.http,
        {
          provider: 'wikipedia',
          url: apiUrl(base, `/w/api.php?${parameters}`),
          signal,
          timeoutMs: settings.timeoutMs ?? searchTimeoutMs,
        },
        answerSchema,
      )
      return boundAnswer({
        provider: 'wikipedia',
        answer: null,
        limit,
        sources: (found.query?.search ?? []).map(
          (hit) =>
            hit && {
              url: apiUrl(base, `/wiki/${wikiName(hit.title)}`),
              title: hit.title,
              snippet: withoutTags(hit.snippet),
              published_at: hit.timestamp,
            },
        ),
      })
    },
  }
}

const wikiName = (title: string): string =>
  encodeURIComponent(title.toWellFormed().replaceAll(' ', '_'))
