import { z } from 'zod'
import { askJson } from './ask-api.ts'
import { boundAnswer } from './bound-answer.ts'
import { hitList, saidText } from './hit-list.ts'
import { apiUrl, type ProviderSettings, searchTimeoutMs } from './provider-settings.ts'
import type { SearchProvider } from './search-provider.ts'
import { withoutTags } from './without-tags.ts'

const answerSchema = z.object({
  message: z.object({
    items: hitList(
      z.object({
        DOI: z.string(),
        title: hitList(z.string()).catch([]),
        abstract: saidText,
        issued: z
          .object({ 'date-parts': z.array(z.array(z.number().int().nullable())) })
          .nullish()
          .catch(null),
      }),
    ),
  }),
})

/** Crossref's register of scholarly works, no key. Asked only when NOVA_SEARCH names it. */
export function crossref(settings: ProviderSettings): SearchProvider {
  return {
    name: 'crossref',
    async search(query, { limit, signal }) {
      const parameters = new URLSearchParams({
        query,
        rows: String(Math.min(limit, 20)),
        select: 'DOI,title,abstract,issued',
      })
      const found = await askJson(
        settings.http,
        {
          provider: 'crossref',
          url: apiUrl(settings.baseUrl ?? 'https://api.crossref.org', `/works?${parameters}`),
          signal,
          timeoutMs: settings.timeoutMs ?? searchTimeoutMs,
        },
        answerSchema,
      )
      return boundAnswer({
        provider: 'crossref',
        answer: null,
        limit,
        sources: found.message.items.map(
          (work) =>
            work && {
              url: `https://doi.org/${encodeURI(work.DOI.toWellFormed())}`,
              title: withoutTags(work.title[0]),
              snippet: withoutTags(work.abstract),
              published_at: dateOf(work.issued?.['date-parts'][0]),
            },
        ),
      })
    },
  }
}

/** Crossref knows many works by year or month only; the missing parts become the first. */
function dateOf(parts: readonly (number | null)[] | undefined): string | null {
  const [year, month, day] = parts ?? []
  if (!year) return null
  const two = (part: number | null | undefined) => String(part ?? 1).padStart(2, '0')
  return `${year}-${two(month)}-${two(day)}`
}
