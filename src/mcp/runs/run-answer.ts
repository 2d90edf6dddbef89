import { choiceLabel, type RunView } from '../../commands/runs/run-view.ts'
import type { NextStep } from '../../events/articles/next-step.ts'
import { nextLine, untrusted } from '../protocol/answer-parts.ts'

/** The answer about a research run, wherever it is asked for. */
export function runAnswer(view: RunView): {
  structured: RunView & { next_step: NextStep }
  text: string
} {
  const next = nextAfter(view)
  return { structured: { ...view, next_step: next }, text: `${textOf(view)}\n${nextLine(next)}` }
}

function nextAfter({ status, question }: RunView): NextStep {
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
