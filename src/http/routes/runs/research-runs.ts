import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { loadArticle, parseArticleId } from '../../../commands/articles/article-stream.ts'
import {
  answerRun,
  cancelRun,
  keyedRunId,
  runOf,
  startRun,
} from '../../../commands/runs/research-run.ts'
import { runSchema, runView } from '../../../commands/runs/run-view.ts'
import type { ExistingArticle } from '../../../events/articles/article-state.ts'
import { outcomeReceivers, runChoices } from '../../../events/runs/run-events.ts'
import type { ResearchRun } from '../../../events/runs/run-state.ts'
import { callerOf, type HttpContext, wantsHtml } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { articleParams } from '../articles/get-article.ts'

const runParams = articleParams.extend({ run_id: z.string().min(1).max(64) })

/** Numbers come as text from the page's form. */
const number = (min: number, max: number) => z.coerce.number().min(min).max(max)

const startBody = z.strictObject({
  rounds: number(0, 10).int().default(3).describe('Rounds of web research.'),
  decided_by: z.enum(['model', 'heuristic']).default('model'),
  keep_going: z
    .union([z.boolean(), z.literal('on').transform(() => true)])
    .default(false)
    .describe('Go on without what failed altogether.'),
  max_calls: number(1, 10_000).int().optional(),
  max_usd: number(0.01, 100_000).optional(),
  max_minutes: number(1, 10_080).int().optional(),
  webhook_url: z
    .string()
    .max(2000)
    .optional()
    .describe('Is told how the run ended; GET /webhook-secret gives what checks its signature.'),
})

const startHeaders = z.object({ 'idempotency-key': z.string().min(8).max(200).optional() })

const answerBody = z.strictObject({
  question: number(1, 1_000_000).int().describe('Its number, as the run says it.'),
  decision: z.enum(runChoices),
})

const shownRunSchema = () =>
  runSchema().extend({
    webhooks: z
      .array(
        z.object({
          receiver: z.enum(outcomeReceivers),
          state: z.enum(['due', 'sent', 'given_up']),
          attempts: z.int(),
          reason: z.string().nullable(),
        }),
      )
      .describe('Who is told how the run ended, and what came of it.'),
  })

function webhooksOf({ webhook, telling }: ResearchRun) {
  const asked = webhook ? ([['user', undefined]] as const) : []
  const all = new Map([...asked, ...telling])
  return [...all].map(([receiver, told]) => ({
    receiver,
    state: told?.state ?? ('due' as const),
    attempts: told?.attempts ?? 0,
    reason: told?.reason ?? null,
  }))
}

/** /articles/{id}/runs: starts a research run or joins the open one, shows runs, answers and cancels them. */
export const researchRunRoutes =
  (context: HttpContext): FastifyPluginAsync =>
  async (app) => {
    const { deps } = context
    const routes = app.withTypeProvider<ZodTypes>()
    const shown = (article: ExistingArticle, run: ResearchRun) => ({
      ...runView(article, run, deps.now()),
      webhooks: webhooksOf(run),
    })
    /** Has a worker look at the run, and shows it, or its page to a browser. */
    const moved = async (
      request: FastifyRequest,
      reply: FastifyReply,
      { article, run }: { article: ExistingArticle; run: ResearchRun },
    ) => {
      const { articleId } = article
      await deps.runs.goOn({ userId: callerOf(request).userId, articleId, runId: run.id })
      const page = `${context.base()}/articles/${articleId}`
      return wantsHtml(request) ? reply.redirect(page, 303) : shown(article, run)
    }

    routes.post(
      '/articles/:article_id/runs',
      {
        config: { access: 'nova:write' },
        schema: {
          tags: ['runs'],
          summary: 'Research the article as one durable run, or join the run that is open',
          description:
            'Answers 201 for a new run and 200 for the open one. The run counts by the tools it calls; starting it counts nothing. With a header Idempotency-Key, the same start sent again answers with the same run, also when it has ended.',
          params: articleParams,
          headers: startHeaders,
          body: startBody,
          response: { 200: shownRunSchema(), 201: shownRunSchema() },
        },
      },
      async (request, reply) => {
        const { body } = request
        const key = request.headers['idempotency-key']
        const started = await startRun(deps, callerOf(request), {
          articleId: request.params.article_id,
          runId: key ? keyedRunId(parseArticleId(request.params.article_id), key) : deps.newId(),
          rounds: body.rounds,
          decidedBy: body.decided_by,
          budget: {
            calls: body.max_calls ?? null,
            costUsd: body.max_usd ?? null,
            minutes: body.max_minutes ?? null,
          },
          keepGoing: body.keep_going,
          webhook: body.webhook_url
            ? { url: body.webhook_url, allow: deps.config.NOVA_FETCH_ALLOW }
            : undefined,
        })
        const path = `${context.base()}/articles/${started.article.articleId}/runs/${started.run.id}`
        reply.code(started.joined ? 200 : 201).header('location', path)
        return moved(request, reply, started)
      },
    )

    routes.get(
      '/articles/:article_id/runs',
      {
        config: { access: 'nova:read' },
        schema: {
          tags: ['runs'],
          summary: 'The research runs of an article, newest first',
          params: articleParams,
          response: { 200: z.object({ runs: z.array(shownRunSchema()) }) },
        },
      },
      async (request) => {
        const { userId } = callerOf(request)
        const { article } = await loadArticle(deps.store, userId, request.params.article_id)
        return { runs: [...article.runs.values()].toReversed().map((run) => shown(article, run)) }
      },
    )

    routes.get(
      '/articles/:article_id/runs/:run_id',
      {
        config: { access: 'nova:read' },
        schema: {
          tags: ['runs'],
          summary: 'One run: its steps, what it spent, and the question that it asks',
          params: runParams,
          response: { 200: shownRunSchema() },
        },
      },
      async (request) => {
        const { userId } = callerOf(request)
        const { article_id: id, run_id: runId } = request.params
        const { article } = await loadArticle(deps.store, userId, id)
        return shown(article, runOf(article, runId))
      },
    )

    routes.post(
      '/articles/:article_id/runs/:run_id/answer',
      {
        config: { access: 'nova:write' },
        schema: {
          tags: ['runs'],
          summary: 'Answer the question of a run that has paused',
          params: runParams,
          body: answerBody,
          response: { 200: shownRunSchema() },
        },
      },
      async (request, reply) => {
        const { article_id: articleId, run_id: runId } = request.params
        const command = { articleId, runId, ...request.body }
        return moved(request, reply, await answerRun(deps, callerOf(request), command))
      },
    )

    routes.post(
      '/articles/:article_id/runs/:run_id/cancel',
      {
        config: { access: 'nova:write' },
        schema: {
          tags: ['runs'],
          summary: 'End a run before its time; what it has gathered stays',
          params: runParams,
          response: { 200: shownRunSchema() },
        },
      },
      async (request, reply) => {
        const { article_id: articleId, run_id: runId } = request.params
        return moved(request, reply, await cancelRun(deps, callerOf(request), { articleId, runId }))
      },
    )
  }
