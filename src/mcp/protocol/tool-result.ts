import { type Refusal, refusalBody } from '../../errors.ts'
import { clipGraphemes, visibleText, visibleValue } from '../../visible-text.ts'

/** A tool's answer on the wire, in the shape of MCP's CallToolResult. */
export type ToolResult = {
  content: { type: 'text'; text: string }[]
  structuredContent?: Record<string, unknown>
  isError?: true
  _meta?: Record<string, unknown>
}

/** Some 20,000 tokens: hosts cut or refuse more. Longer things are read in pages. */
export const resultCharsMax = 60_000

/** What a reader could not see is in no answer, whichever tool gives it. */
export function resultOf(answer: { structured: object; text: string }): ToolResult {
  return {
    content: [{ type: 'text', text: boundText(visibleText(answer.text)) }],
    structuredContent: visibleValue(answer.structured as Record<string, unknown>),
  }
}

/**
 * A refusal as the model and the program see it. It goes into `_meta` and not into structuredContent,
 * because clients of the 2025 line check that against the output schema even when the call failed.
 */
export function refusalResult(refusal: Refusal): ToolResult {
  return errorResult(refusalBody(refusal))
}

/** A bug: the caller learns the id under which it is in the log, and nothing else. */
export function internalErrorResult(requestId: string): ToolResult {
  return errorResult({
    code: 'INTERNAL',
    message: 'Something went wrong on the server; the call was not counted.',
    retryable: true,
    hint: 'Call again; if it happens again, give the request_id to your administrator.',
    details: { request_id: requestId },
  })
}

function errorResult(problem: object): ToolResult {
  const body = visibleValue(problem)
  return {
    content: [{ type: 'text', text: JSON.stringify(body) }],
    isError: true,
    _meta: { 'nova/refusal': body },
  }
}

function boundText(text: string): string {
  if (text.length <= resultCharsMax) return text
  return `${clipGraphemes(text, resultCharsMax - 100)}\n[cut here; the rest is in get_article, page by page]`
}
