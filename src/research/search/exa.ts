import { z } from 'zod'
import { askJson } from './ask-api.ts'
import { boundAnswer } from './bound-answer.ts'
import { hitList, saidText } from './hit-list.ts'
import { apiUrl, type ProviderSettings, searchTimeoutMs } from './provider-settings.ts'
import type { SearchProvider } from './search-provider.ts'

const answerSchema = z.object({
  results: hitList(
    z.object({
      url: z.string(),
      title: saidText,
      publishedDate: saidText,
      text: saidText,
      highlights: hitList(z.string()).nullish().catch(null),
    }),
  ),
  costDollars: z.object({ total: z.number().nonnegative() }).nullish().catch(null),
})

/** Exa's search, with a passage of each page as its snippet. */
export function exa(settings: ProviderSettings): SearchProvider {
  return {
    name: 'exa',
    async search(query, { limit, signal }) {
      const found = await askJson(
        settings.http,
        {
          provider: 'exa',
          url: apiUrl(settings.baseUrl ?? 'https://api.exa.ai', '/search'),
          headers: { 'x-api-key': settings.apiKey ?? '' },
          json: {
            query,
            numResults: Math.min(limit, 20),
            contents: { highlights: true, text: { maxCharacters: 1_000 } },
          },
          signal,
          timeoutMs: settings.timeoutMs ?? searchTimeoutMs,
          explain: { 401: 'check EXA_API_KEY', 402: 'the account has no credit left' },
        },
        answerSchema,
      )
      const cost = found.costDollars?.total
      return boundAnswer({
        provider: 'exa',
        answer: null,
        limit,
        sources: found.results.map(
          (hit) =>
            hit && {
              url: hit.url,
              title: hit.title,
              snippet: hit.highlights?.filter(Boolean).join(' … ') || hit.text,
              published_at: hit.publishedDate,
            },
        ),
        cost: cost === undefined ? { unit: 'requests', amount: 1 } : { unit: 'usd', amount: cost },
      })
    },
  }
}
