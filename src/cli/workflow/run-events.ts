import type { ToolProgress } from './connect-mcp.ts'
import type { OperationAnswer } from './tool-answers.ts'

/** What a run tells the person who watches it, in order. */
export type RunEvent =
  | { kind: 'step'; title: string; tool: string }
  | { kind: 'note'; text: string }
  | { kind: 'warning'; text: string }
  | { kind: 'progress'; tool: string; progress: ToolProgress }
  | { kind: 'operation'; tool: string; answer: OperationAnswer }

export type Watch = (event: RunEvent) => void
