import assert from 'node:assert/strict'
import { headersFor } from './mcp-world.ts'
import { until } from './until.ts'

/** A JSON-RPC answer of 2026-07-28, as it came. */
export interface TaskAnswer {
  text: string
  result: Record<string, unknown>
  error?: { code: number; message: string; data?: unknown }
}

type Scopes = Parameters<typeof headersFor>[1]

/**
 * Speaks the Tasks extension on the wire: the SDK's client takes no answer that is a task. Declares what it is
 * told to with every request.
 */
export function taskClient(
  url: URL,
  {
    user = 'ada',
    scopes,
    declares = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } },
  }: { user?: string; scopes?: Scopes; declares?: object } = {},
) {
  const send = async (method: string, params: Record<string, unknown>): Promise<TaskAnswer> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...headersFor(user, scopes),
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        'mcp-name': String(params.name ?? params.taskId),
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method,
        params: {
          ...params,
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientInfo': { name: 'nova-test', version: '2' },
            'io.modelcontextprotocol/clientCapabilities': declares,
          },
        },
      }),
    })
    const text = await response.text()
    return { text, ...JSON.parse(text) }
  }
  const ok = async (method: string, params: Record<string, unknown>) => {
    const { result, error } = await send(method, params)
    assert.equal(error, undefined, JSON.stringify(error))
    return result
  }
  const get = (taskId: string) => ok('tasks/get', { taskId })
  return {
    send,
    call: (name: string, args: object) => ok('tools/call', { name, arguments: args }),
    /** Calls a tool whose answer is a task, and gives the task's id. */
    begin: async (name: string, args: object): Promise<string> => {
      const task = await ok('tools/call', { name, arguments: args })
      assert.equal(task.resultType, 'task', JSON.stringify(task))
      return String(task.taskId)
    },
    get,
    update: (taskId: string, inputResponses: object) =>
      ok('tasks/update', { taskId, inputResponses }),
    cancel: (taskId: string) => ok('tasks/cancel', { taskId }),
    /** Polls until the task has this status. */
    until: async (taskId: string, status: string) => {
      let task = await get(taskId)
      await until(
        async () => {
          task = await get(taskId)
          return task.status === status
        },
        `task ${taskId} to be ${status}`,
        240_000,
      )
      return task
    },
  }
}
