import { z } from 'zod'
import { visibleLine } from '../../visible-text.ts'

const segment = z.object({ utf8: z.string().catch('') }).catch({ utf8: '' })

const captionsSchema = z.object({
  events: z
    .array(
      z
        .object({
          tStartMs: z.number().catch(0),
          /** 1 marks an event that only repeats what scrolls up. */
          aAppend: z.number().optional().catch(undefined),
          segs: z.array(segment).optional().catch(undefined),
        })
        // One event in another form costs itself.
        .catch({ tStartMs: 0, aAppend: undefined, segs: undefined }),
    )
    .default([]),
})

export interface Caption {
  startSeconds: number
  text: string
}

/** The captions of a json3 track in order; null when the text is not json3. */
export function parseCaptions(json: string): Caption[] | null {
  let parsed: ReturnType<typeof captionsSchema.safeParse>
  try {
    parsed = captionsSchema.safeParse(JSON.parse(json))
  } catch {
    return null
  }
  if (!parsed.success) return null
  return parsed.data.events
    .filter((event) => event.segs && event.aAppend !== 1)
    .map((event) => ({
      startSeconds: event.tStartMs / 1000,
      text: visibleLine((event.segs ?? []).map((segment) => segment.utf8).join('')),
    }))
    .filter((caption) => caption.text !== '')
}
