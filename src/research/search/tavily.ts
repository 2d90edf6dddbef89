import { z } from 'zod'
import { askJson } from './ask-api.ts'
import { boundAnswer } from './bound-answer.ts'
import { hitList, saidText } from './hit-list.ts'
import { apiUrl, type ProviderSettings, searchTimeoutMs } from './provider-settings.ts'
import { noHits } from './search-failure.ts'
import type { SearchProvider } from './search-provider.ts'

const answerSchema = z.object({
  answer: saidText,
  results: hitList(
    z.object({ url: z.string(), title: saidText, content: saidText, published_date: saidText }),
  )
    .nullish()
    .catch(null),
})

const queryCharsMax = 400

/** Tavily. Without a key it answers at a lower rate, which it wants to be asked for by a header. */
export function tavily(settings: ProviderSettings): SearchProvider {
  const access: Record<string, string> = settings.apiKey
    ? { authorization: `Bearer ${settings.apiKey}` }
    : { 'x-tavily-access-mode': 'keyless' }
  return {
    name: 'tavily',
    async search(query, { limit, signal }) {
      const found = await askJson(
        settings.http,
        {
          provider: 'tavily',
          url: apiUrl(settings.baseUrl ?? 'https://api.tavily.com', '/search'),
          headers: access,
          json: {
            query: query.slice(0, queryCharsMax),
            max_results: Math.min(limit, 20),
            search_depth: 'basic',
            include_answer: true,
          },
          signal,
          timeoutMs: settings.timeoutMs ?? searchTimeoutMs,
          explain: {
            401: 'check TAVILY_API_KEY',
            432: 'the plan is used up',
            433: 'the limit of the account is used up',
          },
        },
        answerSchema,
      )
      if (!found.results && !found.answer) throw noHits('tavily')
      return boundAnswer({
        provider: 'tavily',
        answer: found.answer ?? null,
        limit,
        sources: (found.results ?? []).map(
          (hit) =>
            hit && {
              url: hit.url,
              title: hit.title,
              snippet: hit.content,
              published_at: hit.published_date,
            },
        ),
        cost: { unit: 'requests', amount: 1 },
      })
    },
  }
}
