import { z } from 'zod'
import type { HttpPort } from '../http-port.ts'
import type { CitedPart } from './cite-parts.ts'

const groundingSchema = z.object({
  google: z.object({
    groundingMetadata: z.object({
      groundingChunks: z
        .array(
          z.object({
            web: z.object({ uri: z.string(), title: z.string().nullish() }).nullish(),
          }),
        )
        .nullish(),
      groundingSupports: z
        .array(
          z.object({
            segment: z.object({ endIndex: z.number().int().nonnegative().nullish() }).nullish(),
            groundingChunkIndices: z.array(z.number().int()).nullish(),
          }),
        )
        .nullish(),
    }),
  }),
})

/**
 * Gemini says what each segment rests on beside the text, not in it. Its offsets count UTF-8 bytes, and its
 * links are redirects that expire, so each is resolved to the page's own address.
 */
export async function readGrounding(
  text: string,
  providerMetadata: unknown,
  resolve: (url: string) => Promise<string>,
): Promise<{ part: CitedPart; pages: { url: string; title: string | undefined }[] }> {
  const parsed = groundingSchema.safeParse(providerMetadata)
  if (!parsed.success) return { part: { text, citations: [] }, pages: [] }
  const { groundingChunks, groundingSupports } = parsed.data.google.groundingMetadata
  const pages = await Promise.all(
    (groundingChunks ?? [])
      .slice(0, 40)
      .map(async ({ web }) =>
        web ? { url: await resolve(web.uri), title: web.title ?? undefined } : null,
      ),
  )
  const bytes = new TextEncoder().encode(text)
  const citations = (groundingSupports ?? []).flatMap((support) => {
    const end = support.segment?.endIndex
    const at = end == null ? text.length : new TextDecoder().decode(bytes.subarray(0, end)).length
    return (support.groundingChunkIndices ?? []).flatMap((index) => {
      const page = pages[index]
      return page ? [{ ...page, end: at }] : []
    })
  })
  return { part: { text, citations }, pages: pages.filter((page) => page !== null) }
}

const redirectHost = 'vertexaisearch.cloud.google.com'

/** Follows Gemini's redirect with HEAD; the link itself when that fails, since the hit is still a hit. */
export function redirectResolver(http: HttpPort, signal: AbortSignal) {
  return async (address: string): Promise<string> => {
    if (!URL.canParse(address) || new URL(address).hostname !== redirectHost) return address
    try {
      const answer = await http.fetch({
        url: address,
        method: 'HEAD',
        signal,
        timeoutMs: 8_000,
        obeyRobots: false,
        retries: 0,
      })
      return answer.url
    } catch {
      signal.throwIfAborted()
      return address
    }
  }
}
