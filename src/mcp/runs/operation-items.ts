import { z } from 'zod'
import type { ExistingArticle, Operation } from '../../events/articles/article-state.ts'
import { slowTools } from '../../events/articles/slow-tools.ts'
import { visibleLine } from '../../visible-text.ts'
import { failureText } from '../protocol/answer-parts.ts'

/** One item of an operation: a source, or a query. */
export const itemSchema = () =>
  z.object({
    number: z.int().describe('Source or query number.'),
    label: z.string().describe('URL or query.'),
    title: z.string().describe('Untrusted.'),
    state: z.enum(['ok', 'failed', 'pending']),
    failure: z.string().nullable(),
  })

export type ItemView = z.infer<ReturnType<typeof itemSchema>>

export const itemViews = (article: ExistingArticle, operation: Operation): ItemView[] =>
  operation.items.map((number) => itemView(article, operation, number))

export function itemView(article: ExistingArticle, operation: Operation, number: number): ItemView {
  const query = queryOf(article, operation, number)
  const source = query ? undefined : article.sources.get(number)
  const state = stateOf(operation, number)
  const failure = query?.failure ?? source?.failure ?? null
  return {
    number,
    label: visibleLine(query?.query ?? source?.url ?? String(number), 300),
    title: visibleLine(source?.title ?? '', 160),
    state,
    failure: state === 'failed' && failure ? failureText(failure) : null,
  }
}

export function itemLine(item: ItemView): string {
  const state = item.failure ? `failed ${item.failure}` : item.state
  return `[${item.number}] ${state}: ${item.title ? `${item.title} ` : ''}<${item.label}>`
}

const queryOf = (article: ExistingArticle, operation: Operation, number: number) =>
  slowTools[operation.tool].items === 'queries' ? article.queries.get(number) : undefined

function stateOf(operation: Operation, number: number): ItemView['state'] {
  if (operation.succeeded.includes(number)) return 'ok'
  return operation.failed.includes(number) ? 'failed' : 'pending'
}
