import { z } from 'zod'
import { askJson } from './ask-api.ts'
import { boundAnswer, type RawSource } from './bound-answer.ts'
import { citedNumbers } from './cited-numbers.ts'
import { hitList, saidText } from './hit-list.ts'
import { answerTimeoutMs, apiUrl, type ProviderSettings } from './provider-settings.ts'
import { noHits } from './search-failure.ts'
import type { SearchProvider } from './search-provider.ts'

const model = 'sonar-pro'

const instructions =
  'Research the question on the web and answer in Markdown with facts, figures and names. ' +
  'Cite the numbered sources in the text as [1], [2]. Say so when sources disagree or are missing.'

/** Plain, or in pieces of which those of text are the answer. */
const messageText = z.union([
  z.string(),
  hitList(z.object({ text: z.string() })).transform((parts) =>
    parts.map((part) => part?.text ?? '').join(''),
  ),
])

const answerSchema = z.object({
  choices: hitList(z.object({ message: z.object({ content: messageText }) })).catch([]),
  citations: hitList(
    z.union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)]),
  )
    .nullish()
    .catch(null),
  search_results: hitList(
    z.object({ url: z.string(), title: saidText, date: saidText, snippet: saidText }),
  )
    .nullish()
    .catch(null),
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
      const text = found.choices.find((choice) => choice !== null)?.message.content ?? ''
      const sources = sourcesOf(found, text)
      if (text.trim() === '' && sources.every((source) => source === null)) {
        throw noHits('perplexity')
      }
      const cost = found.usage?.cost?.total_cost
      return boundAnswer({
        provider: 'perplexity',
        answer: text,
        limit,
        sources,
        cost: cost === undefined ? { unit: 'requests', amount: 1 } : { unit: 'usd', amount: cost },
      })
    },
  }
}

/**
 * `citations` gives the order that `[n]` refers to; `search_results`, in the same order, adds what is known of each
 * and stands in for a citation that came without an address.
 */
function sourcesOf(found: Answer, text: string): (RawSource | null)[] {
  const results = found.search_results ?? []
  const known = new Map(results.flatMap((result) => (result ? [[result.url, result]] : [])))
  const cited = found.citations?.length ? found.citations : results.map(() => null)
  const urls = cited.map((url, place) => url ?? results[place]?.url ?? null)
  const numbers = citedNumbers(text)
  const uncited = [...known.keys()].filter((url) => !urls.includes(url))
  return [...urls, ...uncited].map((url, place) =>
    url === null
      ? null
      : {
          url,
          title: known.get(url)?.title,
          snippet: known.get(url)?.snippet,
          published_at: known.get(url)?.date,
          cited: numbers.has(place + 1),
        },
  )
}
