import { inputRequired } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { loadArticle, parseArticleId } from '../../../commands/articles/article-stream.ts'
import {
  answerRun,
  cancelRun,
  keyedRunId,
  openRun,
  runOf,
  startRun,
} from '../../../commands/runs/research-run.ts'
import { runSchema, runView } from '../../../commands/runs/run-view.ts'
import { runChoices } from '../../../events/runs/run-events.ts'
import { isRunOpen } from '../../../events/runs/run-state.ts'
import { nextStepSchema } from '../../protocol/answer-parts.ts'
import { articleId, waitSeconds } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import { runTask } from '../../runs/article-tasks.ts'
import { runAnswer } from '../../runs/run-answer.ts'
import { decisionIn, questionForm } from '../../runs/run-question.ts'
import { waitForRun } from '../../runs/wait-for-run.ts'

/** Takes an article from its guideline to research.md as one durable run. */
export const researchArticle = defineTool({
  name: 'research_article',
  title: 'Research an article from start to end',
  description:
    'Do the whole research of an article, from its sources to research.md. It goes on without you: call again with `run_id` to wait. When it asks, put its question to the user and call again with `answer`. Costs what its steps cost.',
  input: z.strictObject({
    article_id: articleId(),
    run_id: z.string().max(64).optional().describe('Waits for it.'),
    answer: z.enum(runChoices).optional().describe('To its question; `stop` ends it at any time.'),
    rounds: z.int().min(0).max(10).default(3).describe('Rounds of web research.'),
    keep_going: z.boolean().default(false).describe('Go on without what failed altogether.'),
    max_calls: z.int().min(1).max(10_000).optional().describe('Budget of tool calls.'),
    max_usd: z.number().min(0.01).max(100_000).optional().describe('Budget of money.'),
    max_minutes: z.int().min(1).max(10_080).optional().describe('Budget of working time.'),
    wait_seconds: waitSeconds(),
  }),
  output: runSchema().extend({ next_step: nextStepSchema() }),
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  scope: 'nova:write',
  free: true,
  remembered: true,
  async run(args, context) {
    const { deps, caller, callId, abilities } = context
    const id = parseArticleId(args.article_id)
    const runId = await begin()
    // A task may come to ask: who cannot put a form to a user is told in words, and waits for them.
    const polls = abilities.tasks && abilities.elicits
    const { article, run } = await waitForRun(context, id, runId, polls ? 0 : args.wait_seconds)
    const view = runView(article, run, deps.now())
    const answer = runAnswer(view)
    if (polls && isRunOpen(run)) return { ...answer, task: runTask(article, run, deps.now()) }
    // A user who did not decide is not asked again by this call.
    if (!view.question || !abilities.elicits || context.answers.responses) return answer
    const inputRequests = questionForm(view.question)
    // The run's id gives no right: it is looked up in the caller's own article, as an argument is.
    return { ...answer, asks: inputRequired({ inputRequests, requestState: runId }) }

    async function begin(): Promise<string> {
      const told = await tell()
      await deps.runs.goOn({ userId: caller.userId, articleId: id, runId: told.run.id })
      return told.run.id
    }
    async function tell() {
      const { answer } = args
      const decided = decisionIn(context.answers.responses)
      const runId = args.run_id ?? context.answers.state
      if (decided) return answerRun(deps, caller, { articleId: id, runId, ...decided })
      if (answer === 'stop') return cancelRun(deps, caller, { articleId: id, runId })
      if (answer || runId) {
        const { article: before } = await loadArticle(deps.store, caller.userId, id)
        // Who only waits must not start another run when this one has ended meanwhile.
        if (!answer || context.answers.responses) return { run: runOf(before, runId) }
        const question = openRun(before)?.question?.number
        return answerRun(deps, caller, { articleId: id, runId, question, decision: answer })
      }
      return startRun(deps, caller, {
        articleId: id,
        runId: context.idempotencyKey ? keyedRunId(id, context.idempotencyKey) : callId,
        repeats: context.repeats,
        rounds: args.rounds,
        decidedBy: 'model',
        budget: {
          calls: args.max_calls ?? null,
          costUsd: args.max_usd ?? null,
          minutes: args.max_minutes ?? null,
        },
        keepGoing: args.keep_going,
      })
    }
  },
})
