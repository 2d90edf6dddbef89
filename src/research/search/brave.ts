import { z } from 'zod'
import { askJson } from './ask-api.ts'
import { boundAnswer } from './bound-answer.ts'
import { hitList, saidText } from './hit-list.ts'
import { apiUrl, type ProviderSettings, searchTimeoutMs } from './provider-settings.ts'
import type { SearchProvider } from './search-provider.ts'
import { withoutTags } from './without-tags.ts'

const answerSchema = z.object({
  web: z
    .object({
      results: hitList(
        z.object({ url: z.string(), title: saidText, description: saidText, page_age: saidText }),
      ),
    })
    .nullish(),
})

const queryCharsMax = 400
const queryWordsMax = 50

/** Brave Search. Its descriptions mark the found words with HTML, which is taken out. */
export function brave(settings: ProviderSettings): SearchProvider {
  return {
    name: 'brave',
    async search(query, { limit, signal }) {
      const words = query.slice(0, queryCharsMax).split(/\s+/).slice(0, queryWordsMax)
      const parameters = new URLSearchParams({
        q: words.join(' '),
        count: String(Math.min(limit, 20)),
      })
      const found = await askJson(
        settings.http,
        {
          provider: 'brave',
          url: apiUrl(
            settings.baseUrl ?? 'https://api.search.brave.com',
            `/res/v1/web/search?${parameters}`,
          ),
          headers: { 'x-subscription-token': settings.apiKey ?? '' },
          signal,
          timeoutMs: settings.timeoutMs ?? searchTimeoutMs,
          explain: { 401: 'check BRAVE_API_KEY' },
          errors: [
            {
              word: 'SUBSCRIPTION_TOKEN_INVALID',
              reason: 'UNAUTHORIZED',
              say: 'check BRAVE_API_KEY',
            },
            { word: '"VALIDATION"', reason: 'UNAVAILABLE', say: 'a parameter was not taken' },
          ],
        },
        answerSchema,
      )
      return boundAnswer({
        provider: 'brave',
        answer: null,
        limit,
        sources: (found.web?.results ?? []).map(
          (hit) =>
            hit && {
              url: hit.url,
              title: withoutTags(hit.title),
              snippet: withoutTags(hit.description),
              published_at: hit.page_age,
            },
        ),
        cost: { unit: 'requests', amount: 1 },
      })
    },
  }
}
