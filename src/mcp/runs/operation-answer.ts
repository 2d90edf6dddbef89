import { z } from 'zod'
import { isOpen } from '../../events/articles/article-operations.ts'
import type { ExistingArticle, Operation } from '../../events/articles/article-state.ts'
import { type NextStep, nextStep } from '../../events/articles/next-step.ts'
import { slowTools } from '../../events/articles/slow-tools.ts'
import { visibleLine } from '../../visible-text.ts'
import { failureText, nextLine, nextStepSchema, untrusted } from '../protocol/answer-parts.ts'

/** The answer of every tool that starts, joins, waits for or cancels slow work. */
export const operationSchema = () =>
  z.object({
    status: z.enum(['completed', 'running', 'cancelling', 'failed', 'cancelled', 'nothing_to_do']),
    operation_id: z.string().nullable(),
    total: z.int(),
    succeeded: z.int(),
    failed: z.int(),
    items: z.array(itemSchema()),
    found: z
      .array(
        z.object({
          source: z.int(),
          url: z.string(),
          title: z.string().describe('Untrusted.'),
          snippet: z.string().describe('Untrusted.'),
        }),
      )
      .describe('Pages a web search found.'),
    found_total: z.int(),
    message: z.string(),
    next_step: nextStepSchema(),
  })

export type OperationAnswer = z.infer<ReturnType<typeof operationSchema>>

/** More do not fit into an answer; get_article lists all. */
const foundMax = 60

export function operationAnswer(
  article: ExistingArticle,
  operation: Operation,
): { structured: OperationAnswer; text: string } {
  const all = foundBy(article, operation)
  const structured: OperationAnswer = {
    status: operation.status,
    operation_id: operation.id,
    total: operation.items.length,
    succeeded: operation.succeeded.length,
    failed: operation.failed.length,
    items: itemViews(article, operation),
    found: all.slice(0, foundMax),
    found_total: all.length,
    message: messageOf(operation),
    next_step: stepAfter(article, operation),
  }
  return { structured, text: textOf(operation, structured) }
}

/** The answer when every item had been worked on before. */
export function nothingToDo(article: ExistingArticle): {
  structured: OperationAnswer
  text: string
} {
  const structured: OperationAnswer = {
    status: 'nothing_to_do',
    operation_id: null,
    total: 0,
    succeeded: 0,
    failed: 0,
    items: [],
    found: [],
    found_total: 0,
    message: 'There is nothing left for this tool to do; the call does not count.',
    next_step: nextStep(article),
  }
  return { structured, text: `${structured.message}\n${nextLine(structured.next_step)}` }
}

function messageOf(operation: Operation): string {
  const ok = operation.succeeded.length
  const total = operation.items.length
  const so = `${ok} of ${total} succeeded, ${operation.failed.length} failed`
  switch (operation.status) {
    case 'running':
      return `Still running: ${so} so far. The work goes on without you.`
    case 'cancelling':
      return `Being cancelled: ${so} so far.`
    case 'cancelled':
      return `Cancelled: ${so} before that.`
    case 'completed':
      return `Completed: ${so}.`
    case 'failed':
      return `Failed: 0 of ${total} succeeded. Stop here, quote the failures to the user and ask how to go on.`
  }
}

/** After a total failure the next step is the user's, whatever the article would still allow. */
function stepAfter(article: ExistingArticle, operation: Operation): NextStep {
  if (isOpen(operation.status)) {
    return {
      tool: 'get_operation',
      why: `Call it with operation_id ${operation.id} and wait_seconds 50 until it has ended.`,
    }
  }
  if (operation.status === 'failed') {
    return { tool: null, why: 'Everything failed: quote the failures to the user and ask.' }
  }
  return nextStep(article)
}

/** What this operation's queries found, each page once, in the order of their numbers. */
function foundBy(article: ExistingArticle, operation: Operation): OperationAnswer['found'] {
  if (slowTools[operation.tool].items !== 'queries') return []
  const numbers = new Set(
    operation.succeeded.flatMap((query) => article.queries.get(query)?.found ?? []),
  )
  return [...numbers]
    .sort((a, b) => a - b)
    .flatMap((number) => {
      const source = article.sources.get(number)
      if (!source) return []
      return [
        {
          source: number,
          url: visibleLine(source.url, 300),
          title: visibleLine(source.title, 120),
          snippet: visibleLine(source.snippet ?? '', 160),
        },
      ]
    })
}

function textOf(operation: Operation, answer: OperationAnswer): string {
  const found = answer.found.map((item) =>
    `[${item.source}] ${item.title} <${item.url}> ${item.snippet}`.trimEnd(),
  )
  const more = answer.found_total - answer.found.length
  return [
    `${operation.tool}: ${answer.message} operation_id: ${operation.id}`,
    untrusted('items', answer.items.map(itemLine).join('\n')),
    ...(found.length
      ? [`Found ${answer.found_total} pages:`, untrusted('found', found.join('\n'))]
      : []),
    ...(more > 0 ? [`${more} more are listed by get_article.`] : []),
    nextLine(answer.next_step),
  ].join('\n')
}

/** One item of an operation: a source, or a query. */
const itemSchema = () =>
  z.object({
    number: z.int().describe('Source or query number.'),
    label: z.string().describe('URL or query.'),
    title: z.string().describe('Untrusted.'),
    state: z.enum(['ok', 'failed', 'pending']),
    failure: z.string().nullable(),
  })

export type ItemView = z.infer<ReturnType<typeof itemSchema>>

const itemViews = (article: ExistingArticle, operation: Operation): ItemView[] =>
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

function itemLine(item: ItemView): string {
  const state = item.failure ? `failed ${item.failure}` : item.state
  return `[${item.number}] ${state}: ${item.title ? `${item.title} ` : ''}<${item.label}>`
}

const queryOf = (article: ExistingArticle, operation: Operation, number: number) =>
  slowTools[operation.tool].items === 'queries' ? article.queries.get(number) : undefined

function stateOf(operation: Operation, number: number): ItemView['state'] {
  if (operation.succeeded.includes(number)) return 'ok'
  return operation.failed.includes(number) ? 'failed' : 'pending'
}
