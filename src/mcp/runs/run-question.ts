import { acceptedContent, type InputRequests, inputRequired } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { choiceLabel, type RunView } from '../../commands/runs/run-view.ts'
import { type RunChoice, runChoices } from '../../events/runs/run-events.ts'
import { visibleLine } from '../../visible-text.ts'

/** More than a person reads in a form; the run has all. */
const failuresShown = 5

type Question = NonNullable<RunView['question']>

/** The question of a run as a form for the client's user. Its key tells which question an answer is to. */
export const questionForm = (question: Question): InputRequests => ({
  [`question-${question.question}`]: inputRequired.elicit({
    message: wordsOf(question),
    requestedSchema: {
      type: 'object',
      properties: {
        decision: { type: 'string', title: 'How to go on', enum: [...question.choices] },
      },
      required: ['decision'],
    },
  }),
})

/** What the user decided, with the question's number; null when nothing was decided. */
export function decisionIn(
  responses: Record<string, unknown> | undefined,
): { question: number; decision: RunChoice } | null {
  for (const key of Object.keys(responses ?? {})) {
    const number = /^question-([1-9]\d{0,5})$/.exec(key)?.[1]
    const content = number && acceptedContent(responses, key, decided)
    if (content) return { question: Number(number), decision: content.decision }
  }
  return null
}

const decided = z.object({ decision: z.enum(runChoices) })

function wordsOf({ text, kind, failures, failed, choices }: Question): string {
  const shown = failures.slice(0, failuresShown)
  const more = failed - shown.length
  return [
    text,
    ...shown.map(({ label, failure }) => `- ${visibleLine(label, 120)}: ${failure}`),
    ...(shown.length > 0 && more > 0 ? [`- and ${more} more`] : []),
    ...choices.map((choice) => `${choice}: ${choiceLabel(choice, kind)}`),
  ].join('\n')
}
