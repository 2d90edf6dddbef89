import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequests,
  inputRequired,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'

const ask = (message: string, field: string) =>
  inputRequired.elicit({
    message,
    requestedSchema: {
      type: 'object',
      properties: { [field]: { type: 'string' } },
      required: [field],
    },
  })
const sample = (words: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: words } }],
    maxTokens: 100,
  })

interface Rounds {
  rounds: InputRequests[]
  /** Whether the answers carry a state, which the next round must bring back. */
  state?: boolean
}

/** Tools that ask the client for input, round by round. Nova itself has none. */
const tools: Record<string, Rounds> = {
  test_input_required_result_elicitation: {
    rounds: [{ user_name: ask('What is your name?', 'name') }],
  },
  test_input_required_result_sampling: {
    rounds: [{ capital_question: sample('What is the capital of France?') }],
  },
  test_input_required_result_list_roots: {
    rounds: [{ client_roots: inputRequired.listRoots() }],
  },
  test_input_required_result_request_state: {
    rounds: [{ confirm: ask('Please confirm', 'ok') }],
    state: true,
  },
  test_input_required_result_multiple_inputs: {
    rounds: [
      {
        user_name: ask('What is your name?', 'name'),
        greeting: sample('Generate a greeting'),
        client_roots: inputRequired.listRoots(),
      },
    ],
    state: true,
  },
  test_input_required_result_multi_round: {
    rounds: [
      { step1: ask('Step 1: What is your name?', 'name') },
      { step2: ask('Step 2: What is your favorite color?', 'color') },
    ],
    state: true,
  },
}

export function mountInputFixtures(server: McpServer): void {
  for (const [name, rounds] of Object.entries(tools)) {
    server.registerTool(
      name,
      { description: 'Conformance fixture.' },
      (context) => nextRound(rounds, context) ?? { content: [{ type: 'text', text: 'state-ok' }] },
    )
  }
  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Conformance fixture.' },
    ({ mcpReq }) => {
      const envelope: Record<string, unknown> = mcpReq.envelope ?? {}
      const able = Object.keys(envelope[CLIENT_CAPABILITIES_META_KEY] ?? {})
      return inputRequired({
        inputRequests: {
          ...(able.includes('sampling') ? { greeting: sample('Generate a greeting') } : {}),
          ...(able.includes('elicitation') ? { name: ask('What is your name?', 'name') } : {}),
        },
      })
    },
  )
  server.registerTool('test_missing_capability', { description: 'Conformance fixture.' }, () =>
    inputRequired({ inputRequests: { greeting: sample('Generate a greeting') } }),
  )
  server.registerTool(
    'test_streaming_elicitation',
    { description: 'Conformance fixture.' },
    async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken ?? 0
      const params = { progressToken, progress: 1, total: 2 }
      await mcpReq.notify({ method: 'notifications/progress', params })
      return inputRequired({ inputRequests: { name: ask('What is your name?', 'name') } })
    },
  )
  server.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'Conformance fixture.' },
    (context) =>
      nextRound(
        { rounds: [{ user_context: ask('What context should the prompt use?', 'context') }] },
        context,
      ) ?? { messages: [{ role: 'user', content: { type: 'text', text: 'in context' } }] },
  )
}

/** The first round whose answers are not here yet; a round's number is all the state there is. */
function nextRound({ rounds, state }: Rounds, { mcpReq }: ServerContext) {
  const done = Number(mcpReq.requestState() ?? 0)
  const given = mcpReq.inputResponses ?? {}
  const current = rounds[done]
  const answered = current && Object.keys(current).every((key) => isAnswer(given[key]))
  const next = answered ? done + 1 : done
  const asked = rounds[next]
  if (!asked) return null
  return inputRequired({ inputRequests: asked, ...(state ? { requestState: String(next) } : {}) })
}

/** Accepted input has to fill every field; what lacks them is asked for again. */
function isAnswer(response: unknown): boolean {
  if (typeof response !== 'object' || response === null) return false
  if (!('action' in response)) return true
  const content = 'content' in response ? Object.values(response.content ?? {}) : []
  return response.action === 'accept' && content.some((value) => typeof value !== 'number')
}
