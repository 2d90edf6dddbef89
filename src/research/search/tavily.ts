import { z } from 'zod'
import { askJson } from './ask-api.ts'
import { boundAnswer } from './bound-answer.ts'
import { apiUrl, type ProviderSettings, searchTimeoutMs } from './provider-settings.ts'
import type { SearchProvider } from './search-provider.ts'

const answerSchema = z.object({
  answer: z.string().nullish(),
  results: z
    .array(
      z.object({
        url: z.string(),
        title: z.string().nullish(),
        content: z.string().nullish(),
        published_date: z.string().nullish().catch(null),
      }),
    )
    .max(100),
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
          explain: { 401: 'check TAVILY_API_KEY', 432: 'the plan is used up' },
        },
        answerSchema,
      )
      return boundAnswer({
        provider: 'tavily',
        answer: found.answer ?? null,
        limit,
        sources: found.results.map((hit) => ({
          url: hit.url,
          title: hit.title,
          snippet: hit.content,
          published_at: hit.published_date,
        })),
        cost: { unit: 'requests', amount: 1 },
      })
    },
  }
}
