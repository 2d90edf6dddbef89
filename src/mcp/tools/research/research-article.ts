import { z } from 'zod'
import { loadArticle, parseArticleId } from '../../../commands/articles/article-stream.ts'
import {
  answerRun,
  cancelRun,
  openRun,
  runOf,
  startRun,
} from '../../../commands/runs/research-run.ts'
import { choiceLabel, type RunView, runSchema, runView } from '../../../commands/runs/run-view.ts'
import { runChoices } from '../../../events/runs/run-events.ts'
import { nextLine, nextStepSchema, untrusted } from '../../protocol/answer-parts.ts'
import { articleId, waitSeconds } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'
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
  async run(args, context) {
    const { deps, caller, callId } = context
    const id = parseArticleId(args.article_id)
    const runId = await begin()
    const { article, run } = await waitForRun(context, id, runId, args.wait_seconds)
    const view = runView(article, run, deps.now())
    const next = nextAfter(view)
    return { structured: { ...view, next_step: next }, text: `${textOf(view)}\n${nextLine(next)}` }

    async function begin(): Promise<string> {
      const told = await tell()
      await deps.runs.goOn({ userId: caller.userId, articleId: id, runId: told.run.id })
      return told.run.id
    }
    async function tell() {
      const { run_id: runId, answer } = args
      if (answer === 'stop') return cancelRun(deps, caller, { articleId: id, runId })
      if (answer || runId) {
        const { article: before } = await loadArticle(deps.store, caller.userId, id)
        // Who only waits must not start another run when this one has ended meanwhile.
        if (!answer) return { run: runOf(before, runId) }
        const question = openRun(before)?.question?.number
        return answerRun(deps, caller, { articleId: id, runId, question, decision: answer })
      }
      return startRun(deps, caller, {
        articleId: id,
        runId: callId,
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

function nextAfter({ status, question }: RunView) {
  switch (status) {
    case 'running':
      return {
        tool: 'research_article',
        why: 'Call it again with run_id and wait_seconds 50 until the run has ended.',
      }
    case 'paused':
      return {
        tool: null,
        why: `Quote the question and the failures to the user, then call research_article with answer ${question?.choices.join(', ')}.`,
      }
    case 'finished':
      return { tool: 'read_research', why: 'research.md is ready.' }
    case 'cancelled':
      return { tool: 'get_article', why: 'What was gathered is there.' }
  }
}

function textOf(view: RunView): string {
  const { question } = view
  const steps = view.steps.map(
    ({ step, tool, state, total, succeeded, failed, note }) =>
      `${step}. ${tool}: ${state}${total ? `, ${succeeded} of ${total} succeeded, ${failed} failed` : ''}${note && `, ${note}`}`,
  )
  if (!question) return [`Run ${view.run_id}: ${view.status}.`, ...steps].join('\n')
  const failures = question.failures.map(
    ({ item, label, failure }) => `[${item}] ${failure}: <${label}>`,
  )
  return [
    `Run ${view.run_id} has paused and asks: ${question.text}`,
    ...steps,
    ...(failures.length ? [untrusted('failures', failures.join('\n'))] : []),
    `Choices: ${question.choices.map((choice) => `${choice} (${choiceLabel(choice, question.kind)})`).join(', ')}`,
  ].join('\n')
}
