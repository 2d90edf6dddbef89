import { type ApiCall, type ApiReply, type ApiServer, startApiServer } from './api-server.ts'

/** What a model was asked, in one shape for every protocol. */
export interface ModelAsk {
  protocol: 'compatible' | 'openai' | 'google' | 'anthropic'
  /** All text of the request, instructions included. */
  text: string
  /** The JSON schema of a structured answer; null for plain text. */
  schema: unknown
  call: ApiCall
}

/** Text, an object to send as JSON text, or a whole reply such as an error or a native search result. */
export type ModelSays = string | { object: unknown } | { reply: ApiReply }

/**
 * One server that speaks four model protocols, each below a path of its own: `${origin}/compatible`
 * (chat completions, for NOVA_MODEL_URL), `/openai` (responses), `/google`, `/anthropic`.
 */
export async function startModelServer(
  say: (ask: ModelAsk) => ModelSays | Promise<ModelSays>,
): Promise<ApiServer> {
  return await startApiServer(async (call) => {
    const protocol = protocolOf(call)
    if (!protocol) return { status: 404, body: { error: { message: 'no such path' } } }
    const ask = { protocol, text: JSON.stringify(call.body), schema: schemaOf(call.body), call }
    const said = await say(ask)
    if (typeof said === 'object' && 'reply' in said) return said.reply
    const text = typeof said === 'string' ? said : JSON.stringify(said.object)
    return { body: answers[protocol](text) }
  })
}

function protocolOf({ method, path }: ApiCall): ModelAsk['protocol'] | null {
  if (method !== 'POST') return null
  if (path === '/compatible/chat/completions') return 'compatible'
  if (path === '/openai/responses') return 'openai'
  if (/^\/google\/models\/[\w.-]+:generateContent$/.test(path)) return 'google'
  return path === '/anthropic/messages' ? 'anthropic' : null
}

function schemaOf(body: unknown): unknown {
  const at = (value: unknown, ...path: string[]): unknown =>
    path.reduce<unknown>(
      (inner, key) => (inner as Record<string, unknown> | undefined)?.[key],
      value,
    )
  return (
    at(body, 'response_format', 'json_schema', 'schema') ??
    at(body, 'text', 'format', 'schema') ??
    at(body, 'generationConfig', 'responseSchema') ??
    at(body, 'generationConfig', 'responseJsonSchema') ??
    at(body, 'output_config', 'format', 'schema') ??
    null
  )
}

const answers: Record<ModelAsk['protocol'], (text: string) => unknown> = {
  compatible: (text) => ({
    id: 'fake',
    object: 'chat.completion',
    created: 1,
    model: 'fake',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  }),
  openai: (text) => openaiAnswer(text, []),
  google: (text) => googleAnswer(text),
  anthropic: (text) => anthropicAnswer([{ type: 'text', text }]),
}

export const openaiAnswer = (text: string, annotations: unknown[], before: unknown[] = []) => ({
  id: 'resp_1',
  created_at: 1,
  model: 'fake',
  output: [
    ...before,
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text, annotations }],
    },
  ],
  usage: { input_tokens: 11, output_tokens: 7 },
})

export const googleAnswer = (text: string, groundingMetadata?: unknown) => ({
  candidates: [
    {
      content: { role: 'model', parts: [{ text }] },
      finishReason: 'STOP',
      index: 0,
      ...(groundingMetadata ? { groundingMetadata } : {}),
    },
  ],
  usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 },
})

export const anthropicAnswer = (content: unknown[]) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  model: 'fake',
  content,
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 11, output_tokens: 7 },
})
