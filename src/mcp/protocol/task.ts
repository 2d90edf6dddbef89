import type { InputRequests } from '@modelcontextprotocol/server'
import type { ToolResult } from './tool-result.ts'

/** What a task of the extension says at any time. */
export interface Task {
  taskId: string
  status: 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled'
  statusMessage?: string
  createdAt: string
  lastUpdatedAt: string
  /** Null: it can be asked for as long as what it works on is there. */
  ttlMs: number | null
  pollIntervalMs: number
}

/** A task with what its status brings. */
export type DetailedTask =
  | (Task & { status: 'working' | 'cancelled' })
  | (Task & { status: 'input_required'; inputRequests: InputRequests })
  | (Task & { status: 'completed'; result: ToolResult })
  | (Task & { status: 'failed'; error: { code: number; message: string } })

/** Tasks of one user. What is unknown, erased or somebody else's is alike: null, or false. */
export interface TaskSource {
  get(taskId: string): Promise<DetailedTask | null>
  /** Answers of the client's user, by the keys of the task's requests. Those to nothing asked now change nothing. */
  update(taskId: string, responses: Record<string, unknown>): Promise<boolean>
  /** Asks it to end; one that has ended stays as it is. */
  cancel(taskId: string): Promise<boolean>
}

/** The answer of a call whose work has become a task. */
export const createdTask = (task: Task) => {
  const { taskId, status, statusMessage, createdAt, lastUpdatedAt, ttlMs, pollIntervalMs } = task
  return {
    resultType: 'task',
    taskId,
    status,
    ...(statusMessage && { statusMessage }),
    createdAt,
    lastUpdatedAt,
    ttlMs,
    pollIntervalMs,
    content: [],
    // The SDK refuses an answer without any from a tool that has an output schema.
    structuredContent: {},
  }
}
