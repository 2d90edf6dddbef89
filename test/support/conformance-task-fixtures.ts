import { randomUUID } from 'node:crypto'
import {
  acceptedContent,
  type InputRequests,
  inputRequired,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { abilitiesOf } from '../../src/mcp/protocol/client-abilities.ts'
import { createdTask, type DetailedTask, type TaskSource } from '../../src/mcp/protocol/task.ts'

/** What a fixture's task has come to, as of the time it is asked. */
type Outcome = Pick<DetailedTask, 'status'> & { result?: object; error?: object }

interface FixtureTask {
  createdAt: string
  pending: InputRequests
  cancelled: boolean
  outcome: () => Outcome
}

/** All servers of the process share them: each request has a server object of its own. */
const tasks = new Map<string, FixtureTask>()

const view = (taskId: string, task: FixtureTask): DetailedTask => {
  const base = {
    taskId,
    createdAt: task.createdAt,
    lastUpdatedAt: new Date().toISOString(),
    ttlMs: null,
    pollIntervalMs: 100,
  }
  const asks = Object.keys(task.pending).length > 0
  const inputs = { status: 'input_required' as const, inputRequests: task.pending }
  const outcome = task.cancelled ? { status: 'cancelled' } : asks ? inputs : task.outcome()
  return { ...base, ...outcome } as DetailedTask
}

/** The tasks of the tools below. What is under test is the way to them: gates, headers, shapes and errors. */
export const taskFixtures: TaskSource = {
  get: async (taskId) => {
    const task = tasks.get(taskId)
    return task ? view(taskId, task) : null
  },
  update: async (taskId, responses) => {
    const task = tasks.get(taskId)
    for (const key of Object.keys(responses)) {
      if (task) delete task.pending[key]
    }
    return task !== undefined
  },
  cancel: async (taskId) => {
    const task = tasks.get(taskId)
    if (task?.outcome().status === 'working' || Object.keys(task?.pending ?? {}).length > 0) {
      if (task) task.cancelled = true
    }
    return task !== undefined
  },
}

function begin(outcome: () => Outcome, pending: InputRequests = {}) {
  const taskId = randomUUID()
  const task = { createdAt: new Date().toISOString(), pending, cancelled: false, outcome }
  tasks.set(taskId, task)
  return createdTask(view(taskId, task))
}

const said = (text: string, isError = false) => ({
  content: [{ type: 'text' as const, text }],
  ...(isError && { isError }),
})
const completed = (text: string, isError = false) => ({
  status: 'completed' as const,
  result: said(text, isError),
})

function after(seconds: number, outcome: Outcome): () => Outcome {
  const end = performance.now() + seconds * 1000
  return () => (performance.now() < end ? { status: 'working' } : outcome)
}

const confirm = (message: string) =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { confirm: { type: 'boolean' } } },
  })

export function mountTaskFixtures(server: McpServer): void {
  const mount = (
    name: string,
    answer: (args: Record<string, unknown>, context: ServerContext) => object,
    plain: (args: Record<string, unknown>) => object = () => said('done'),
  ) =>
    server.registerTool(
      name,
      { description: 'Conformance fixture.', inputSchema: z.looseObject({}) },
      (args, context) =>
        (abilitiesOf(server, context).tasks ? answer(args, context) : plain(args)) as never,
    )
  const greet = ({ name }: Record<string, unknown>) => said(`Hello, ${name}!`)
  mount('greet', greet, greet)
  mount('slow_compute', ({ seconds }) => begin(after(Number(seconds), completed('computed'))))
  mount('failing_job', () => begin(after(1, completed('This job fails.', true))))
  mount('protocol_error_job', () =>
    begin(after(0, { status: 'failed', error: { code: -32_603, message: 'Internal error' } })),
  )
  mount('confirm_delete', ({ filename }) =>
    begin(() => completed('deleted'), { [randomUUID()]: confirm(`Delete ${filename}?`) }),
  )
  mount('multi_input', () =>
    begin(() => completed('both'), {
      [randomUUID()]: confirm('The first?'),
      [randomUUID()]: confirm('The second?'),
    }),
  )
  mount('test_tool_with_task', (_args, { mcpReq }) => {
    const name = acceptedContent(mcpReq.inputResponses, 'user_name', z.object({ name: z.string() }))
    if (name) return begin(() => completed(`For ${name.name}.`))
    return inputRequired({
      inputRequests: {
        user_name: inputRequired.elicit({
          message: 'What is your name?',
          requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
        }),
      },
    })
  })
}
