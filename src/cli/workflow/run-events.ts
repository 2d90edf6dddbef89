import type { ToolProgress } from './connect-mcp.ts'

/** What a run tells the person who watches it, in order. */
export type RunEvent =
  | { kind: 'step'; title: string; tool: string }
  | { kind: 'note'; text: string }
  | { kind: 'warning'; text: string }
  | { kind: 'progress'; progress: ToolProgress }

export type Watch = (event: RunEvent) => void
