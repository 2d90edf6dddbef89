import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { Refusal } from '../../errors.ts'
import { ToolRefused } from './connect-mcp.ts'
import type { InputFile } from './local-inputs.ts'

/*
 * The two ways between a person and Nova that do not go through MCP: the upload page and the download
 * link. The links carry their own permission, so no token is sent.
 */

const refusalSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  details: z.record(z.string(), z.unknown()).default({}),
})

/** Sends files through an upload link, as its page does. Throws ToolRefused or SERVER_UNREACHABLE. */
export async function uploadThrough(
  link: string,
  field: 'guideline' | 'files',
  files: readonly InputFile[],
  signal: AbortSignal,
  fields: Readonly<Record<string, string>> = {},
): Promise<void> {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  for (const { name, bytes } of files) {
    body.append(field, new Blob([new Uint8Array(bytes)]), name)
  }
  const upload = { method: 'POST', body, signal, headers: { 'idempotency-key': randomUUID() } }
  const response = await reach(link, upload).catch((error: unknown) => {
    // What has arrived is answered as it was; once, for a server that is gone stays gone.
    if (error instanceof Refusal) return reach(link, upload)
    throw error
  })
  await refuseUnlessOk(response, 'upload')
  await response.body?.cancel()
}

/** Fetches research.md through its download link. Throws as `uploadThrough` does. */
export async function downloadThrough(link: string, signal: AbortSignal): Promise<Buffer> {
  const response = await reach(link, { signal })
  await refuseUnlessOk(response, 'download')
  return Buffer.from(await response.arrayBuffer())
}

async function reach(
  link: string,
  init: RequestInit & { headers?: Record<string, string> },
): Promise<Response> {
  try {
    const accept = 'application/json, text/markdown'
    return await fetch(link, { ...init, headers: { ...init.headers, accept } })
  } catch (cause) {
    init.signal?.throwIfAborted()
    throw new Refusal('SERVER_UNREACHABLE', { url: new URL(link).origin }, { cause })
  }
}

async function refuseUnlessOk(response: Response, what: string): Promise<void> {
  if (response.ok) return
  const body: unknown = await response.json().catch(() => null)
  const refusal = refusalSchema.safeParse((body as { error?: unknown } | null)?.error ?? body)
  throw new ToolRefused(
    what,
    refusal.success
      ? refusal.data
      : {
          code: `HTTP_${response.status}`,
          message: `The ${what} was answered with status ${response.status}.`,
          hint: 'See the log of the server.',
          details: {},
        },
  )
}
