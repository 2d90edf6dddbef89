import { z } from 'zod'
import type { HttpPort } from '../http-port.ts'
import type { ModelChoice } from '../models/model-choice.ts'
import { saidText } from './hit-list.ts'

/**
 * An HTTP port whose answers have whole citations only. The SDK checks an answer as one: a single link without an
 * address costs a text that was paid for. What is no citation of the web is left out, since nothing here reads it.
 */
export const withMendedCitations = (
  http: HttpPort,
  provider: ModelChoice['provider'],
): HttpPort => ({
  async fetch(request) {
    const answer = await http.fetch(request)
    const mended = mendedAnswer(provider, answer.bytes)
    return mended === null ? answer : { ...answer, bytes: new TextEncoder().encode(mended) }
  },
})

/** The answer's JSON with its citations made whole; null where there is nothing to mend. */
function mendedAnswer(provider: ModelChoice['provider'], bytes: Uint8Array): string | null {
  const schema = answers[provider]
  if (!schema) return null
  try {
    const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(bytes)))
    return parsed.success ? JSON.stringify(parsed.data) : null
  } catch {
    return null
  }
}

/** Elements that are whole; the others go. */
const whole = <T>(one: z.ZodType<T>) =>
  z.array(z.unknown()).transform((list) =>
    list.flatMap((value) => {
      const { success, data } = one.safeParse(value)
      return success ? [data] : []
    }),
  )

const title = saidText.transform((value) => value ?? null)
const index = z.number().int().nonnegative()
const url = z.string().min(1)

const openaiCitation = z.object({
  type: z.literal('url_citation'),
  url,
  title: title.transform((value) => value ?? ''),
  start_index: index.catch(0),
  end_index: index.optional().catch(undefined),
})

const openaiText = z
  .object({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: whole(openaiCitation).catch([]),
  })
  .transform((part) => ({
    ...part,
    annotations: part.annotations.map((one) => ({
      ...one,
      end_index: one.end_index ?? part.text.length,
    })),
  }))

const openaiPart = z.union([
  openaiText,
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
])

const openaiItem = z.union([
  z.object({
    type: z.literal('message'),
    role: z.literal('assistant').catch('assistant'),
    id: z.string().catch('message'),
    content: whole(openaiPart),
  }),
  z.object({
    type: z.literal('web_search_call'),
    id: z.string().catch('search'),
    status: z.string().catch('completed'),
    action: z
      .object({
        type: z.literal('search'),
        sources: whole(z.object({ type: z.literal('url'), url })).catch([]),
      })
      .nullish()
      .catch(null),
  }),
])

const anthropicCitation = z.object({
  type: z.literal('web_search_result_location'),
  url,
  title,
  cited_text: z.string().catch(''),
  encrypted_index: z.string().catch(''),
})

const anthropicResult = z.object({
  type: z.literal('web_search_result'),
  url,
  title,
  encrypted_content: z.string().catch(''),
  page_age: saidText,
})

const anthropicBlock = z.union([
  z.looseObject({ type: z.literal('text'), citations: whole(anthropicCitation).catch([]) }),
  z.looseObject({
    type: z.literal('web_search_tool_result'),
    content: z.union([whole(anthropicResult), z.looseObject({})]),
  }),
  z.looseObject({ type: z.string() }),
])

/** A chunk without an address keeps its place: supports count places. */
const groundingChunk = z
  .object({ web: z.object({ uri: url, title }) })
  .catch({} as { web: { uri: string; title: string | null } })

const groundingSupport = z.object({
  segment: z
    .object({ endIndex: index.nullish().catch(null) })
    .nullish()
    .catch(null),
  groundingChunkIndices: whole(index),
})

const answers: Partial<Record<ModelChoice['provider'], z.ZodType>> = {
  openai: z.looseObject({ output: whole(openaiItem) }),
  anthropic: z.looseObject({ content: whole(anthropicBlock) }),
  google: z.looseObject({
    candidates: z.array(
      z.looseObject({
        groundingMetadata: z
          .object({
            groundingChunks: z.array(groundingChunk).catch([]),
            groundingSupports: whole(groundingSupport).catch([]),
          })
          .nullish()
          .catch(null),
      }),
    ),
  }),
}
