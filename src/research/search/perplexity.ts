import { z } from 'zod'
import { askJson } from './ask-api.ts'
import { boundAnswer } from './bound-answer.ts'
import { answerTimeoutMs, apiUrl, type ProviderSettings } from './provider-settings.ts'
import type { SearchProvider } from './search-provider.ts'

const model = 'sonar-pro'

const instructions =
  'Research the question on the web and answer in Markdown with facts, figures and names. ' +
  'Cite the numbered sources in the text as [1], [2]. Say so when sources disagree or are missing.'

const answerSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
  citations: z.array(z.string()).max(200).nullish(),
  search_results: z
    .array(
      z.object({
        url: z.string(),
        title: z.string().nullish(),
        date: z.string().nullish(),
        snippet: z.string().nullish(),
      }),
    )
    .max(200)
    .nullish(),
  usage: z
    .object({ cost: z.object({ total_cost: z.number().nonnegative() }).nullish().catch(null) })
    .nullish()
    .catch(null),
})

type Answer = z.infer<typeof answerSchema>

/**
 * Perplexity's chat completions, called directly: the AI SDK's provider drops `search_results`, and with it
 * every title and date.
 */
export function perplexity(settings: ProviderSettings & { baseUrl: string }): SearchProvider {
  return {
    name: 'perplexity',
    async search(query, { limit, signal }) {
      const found = await askJson(
        settings.http,
        {
          provider: 'perplexity',
          url: apiUrl(settings.baseUrl, '/chat/completions'),
          headers: { authorization: `Bearer ${settings.apiKey ?? ''}` },
          json: {
            model,
            messages: [
              { role: 'system', content: instructions },
              { role: 'user', content: query },
            ],
          },
          signal,
          timeoutMs: settings.timeoutMs ?? answerTimeoutMs,
          explain: { 401: 'check PPLX_API_KEY', 402: 'the account has no credit left' },
        },
        answerSchema,
      )
      const text = found.choices[0]?.message.content ?? ''
      const cost = found.usage?.cost?.total_cost
      return boundAnswer({
        provider: 'perplexity',
        answer: text,
        limit,
        sources: sourcesOf(found, text),
        cost: cost === undefined ? { unit: 'requests', amount: 1 } : { unit: 'usd', amount: cost },
      })
    },
  }
}

/** `citations` gives the order that `[n]` refers to; `search_results` adds what is known of each. */
function sourcesOf(found: Answer, text: string) {
  const results = found.search_results ?? []
  const known = new Map(results.map((result) => [result.url, result]))
  const urls = found.citations?.length ? found.citations : results.map((result) => result.url)
  const numbers = new Set([...text.matchAll(/\[(\d{1,3})\]/g)].map((match) => Number(match[1])))
  const uncited = results.map((result) => result.url).filter((url) => !urls.includes(url))
  return [...urls, ...uncited].map((url, index) => ({
    url,
    title: known.get(url)?.title,
    snippet: known.get(url)?.snippet,
    published_at: known.get(url)?.date,
    cited: numbers.has(index + 1),
  }))
}
