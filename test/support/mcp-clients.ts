import assert from 'node:assert/strict'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport as OldTransportType } from '@modelcontextprotocol/sdk/shared/transport.js'

/** The official clients: the last one of the 2025 line, today's as it negotiates, and today's pinned. */
export const clientKinds = ['2025', 'auto', '2026-07-28'] as const
export type ClientKind = (typeof clientKinds)[number]

export interface Answer {
  isError: boolean
  text: string
  structured: Record<string, unknown>
  /** What the text of a refusal says, parsed. */
  refusal: { code: string; message: string; retryable: boolean; hint: string; details?: object }
  raw: object
}

export interface CallOptions {
  signal?: AbortSignal
  onprogress?: (progress: {
    progress: number
    total?: number | undefined
    message?: string | undefined
  }) => void
}

export interface Connected extends AsyncDisposable {
  /** One that waits for the longest time a call may, 50 seconds, waits here until its work has ended. */
  call: (name: string, args?: object, options?: CallOptions) => Promise<Answer>
  /** Calls and expects success. */
  ok: (name: string, args?: object, options?: CallOptions) => Promise<Answer['structured']>
  client: Pick<
    Client,
    | 'listTools'
    | 'listResources'
    | 'listResourceTemplates'
    | 'readResource'
    | 'listPrompts'
    | 'getPrompt'
    | 'complete'
  >
  instructions: string | undefined
  protocol: string | undefined
}

/** What a call may wait at most, in seconds; a slow machine needs longer for the work itself. */
const longestWait = 50
/** Ends a call that is lost; a client's own minute would be short for one that waits on a slow machine. */
const callTimeoutMs = 240_000

const isAtWork = ({ structured }: Answer) =>
  structured.status === 'running' || structured.status === 'cancelling'

/** Connects an official client; it lists the tools first, so that it checks every answer's schema. */
export async function connectClient(
  kind: ClientKind,
  url: URL,
  headers: Record<string, string>,
): Promise<Connected> {
  const client =
    kind === '2025' ? await oldClient(url, headers) : await newClient(kind, url, headers)
  await client.listTools()
  const callOnce: Connected['call'] = async (name, args = {}, options = {}) => {
    const request = { name, arguments: args as Record<string, unknown> }
    return answerOf(await client.callTool(request, { ...options, timeout: callTimeoutMs }))
  }
  const call: Connected['call'] = async (name, args = {}, options = {}) => {
    let answer = await callOnce(name, args, options)
    if (!('wait_seconds' in args) || args.wait_seconds !== longestWait) return answer
    while (isAtWork(answer)) {
      const { run_id, operation_id } = answer.structured
      const [again, of] =
        name === 'research_article'
          ? [name, { ...args, run_id, answer: undefined }]
          : ['get_operation', { operation_id }]
      answer = await callOnce(again, { ...of, wait_seconds: longestWait }, options)
    }
    return answer
  }
  return {
    call,
    ok: async (name, args, options) => {
      const answer = await call(name, args, options)
      assert.equal(answer.isError, false, `${name}: ${answer.text}`)
      return answer.structured
    },
    client,
    instructions: client.getInstructions(),
    protocol: client.protocol(),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

async function newClient(kind: 'auto' | '2026-07-28', url: URL, headers: Record<string, string>) {
  const mode = kind === 'auto' ? kind : { pin: kind }
  const client = new Client({ name: 'nova-test', version: '2' }, { versionNegotiation: { mode } })
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
  return Object.assign(client, { protocol: () => client.getNegotiatedProtocolVersion() })
}

async function oldClient(url: URL, headers: Record<string, string>) {
  const client = new OldClient({ name: 'nova-test', version: '1' })
  const transport = new OldTransport(url, { requestInit: { headers } })
  await client.connect(transport as OldTransportType)
  const callTool = client.callTool.bind(client)
  // The two lines differ in the place of the options and in names of types, not in what is used here.
  return Object.assign(client as unknown as Client, {
    protocol: () => transport.protocolVersion,
    callTool: (
      request: Parameters<typeof callTool>[0],
      options: CallOptions & { timeout: number },
    ) => callTool(request, undefined, options),
  }) as Client & { protocol: () => string | undefined }
}

function answerOf(raw: object): Answer {
  const result = raw as {
    isError?: boolean
    content: { type: string; text: string }[]
    structuredContent?: Record<string, unknown>
  }
  const text = result.content.map((block) => block.text).join('\n')
  const isError = result.isError === true
  return {
    isError,
    text,
    structured: result.structuredContent ?? {},
    refusal: isError ? JSON.parse(text) : { code: '', message: '', retryable: false, hint: '' },
    raw,
  }
}
