import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { z } from 'zod'
import packageJson from '../../../package.json' with { type: 'json' }
import { Refusal } from '../../errors.ts'

export interface ToolProgress {
  done: number
  total: number
  message: string
}

/** A connection to a Nova server, as any MCP client has it. */
export interface ToolCaller extends AsyncDisposable {
  /** Throws ToolRefused with the server's own sentence, or SERVER_UNREACHABLE. */
  call: <Answer>(
    tool: string,
    args: Record<string, unknown>,
    answer: z.ZodType<Answer>,
    options?: CallOptions,
  ) => Promise<Answer>
}

export interface CallOptions {
  onProgress?: (progress: ToolProgress) => void
  /** Sent with the call and with each repetition, by which the server knows it again. */
  idempotencyKey?: string
}

export interface ServerAddress {
  /** The address of the MCP endpoint. */
  mcpUrl: string
  token?: string | undefined
  stopping: AbortSignal
}

/** A tool that said no: the server's code, sentence and hint. */
export class ToolRefused extends Error {
  readonly code: string
  readonly hint: string
  readonly tool: string
  readonly details: Readonly<Record<string, unknown>>

  constructor(tool: string, body: z.infer<typeof refusalSchema>) {
    super(body.message)
    this.name = 'ToolRefused'
    this.tool = tool
    this.code = body.code
    this.hint = body.hint
    this.details = body.details
  }
}

const refusalSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().default('See the log of the server.'),
  details: z.record(z.string(), z.unknown()).default({}),
})

/** Longer than the longest wait of a tool, with room for a slow server. */
const callTimeoutMs = 120_000

/** Connects, in the newest revision both sides speak. Throws SERVER_UNREACHABLE or UNAUTHENTICATED. */
export async function connectMcp({ mcpUrl, token, stopping }: ServerAddress): Promise<ToolCaller> {
  const client = new Client(
    { name: 'nova-cli', version: packageJson.version },
    { versionNegotiation: { mode: 'auto' } },
  )
  const transport = new StreamableHTTPClientTransport(new URL(mcpUrl), {
    ...(token && { requestInit: { headers: { authorization: `Bearer ${token}` } } }),
  })
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  // A server that dies ends its answer's stream half way; the client alone would wait for the timeout.
  client.onerror = (error) => {
    if (/^(SSE stream disconnected|Failed to reconnect)/.test(error.message)) lost.reject(error)
  }
  try {
    await client.connect(transport, { signal: stopping, timeout: 15_000 })
  } catch (error) {
    throw unreachable(error, mcpUrl, stopping)
  }
  return {
    async call(tool, args, answer, { onProgress, idempotencyKey } = {}) {
      const meta = idempotencyKey && { _meta: { 'nova/idempotency-key': idempotencyKey } }
      const called = client.callTool(
        { name: tool, arguments: args, ...meta },
        {
          signal: stopping,
          timeout: callTimeoutMs,
          resetTimeoutOnProgress: true,
          ...(onProgress && {
            onprogress: ({ progress, total = 0, message = '' }) =>
              onProgress({ done: progress, total, message }),
          }),
        },
      )
      const result = await Promise.race([called, lost.promise]).catch((error: unknown) => {
        throw unreachable(error, mcpUrl, stopping)
      })
      if (result.isError) throw new ToolRefused(tool, refusalOf(result))
      const parsed = answer.safeParse(result.structuredContent)
      if (parsed.success) return parsed.data
      throw new ToolRefused(tool, unknownAnswer(tool))
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

type ToolResult = Awaited<ReturnType<Client['callTool']>>

function refusalOf(result: ToolResult): z.infer<typeof refusalSchema> {
  const marked = refusalSchema.safeParse(result._meta?.['nova/refusal'])
  if (marked.success) return marked.data
  const [first] = result.content
  const message = first?.type === 'text' ? first.text : 'The tool failed.'
  return refusalSchema.parse({ code: 'UNKNOWN', message })
}

const unknownAnswer = (tool: string) => ({
  code: 'ANSWER_UNKNOWN',
  message: `${tool} answered in a form that this client does not know.`,
  hint: 'Use the same version of Nova on both sides.',
  details: {},
})

/** What broke on the way is the server's absence, unless the server itself said who we are not. */
function unreachable(error: unknown, mcpUrl: string, stopping: AbortSignal): unknown {
  if (stopping.aborted) return stopping.reason
  const status = (error as { status?: unknown }).status
  const text = error instanceof Error ? `${error.name} ${error.message}` : ''
  if (status === 401 || status === 403 || /unauthori[sz]ed|\b401\b/i.test(text)) {
    return new Refusal('UNAUTHENTICATED', {}, { cause: error, hint: tokenHint })
  }
  return new Refusal('SERVER_UNREACHABLE', { url: mcpUrl }, { cause: error })
}

const tokenHint = 'Set NOVA_ACCESS_TOKEN to the token of that server, or to an API token of yours.'
