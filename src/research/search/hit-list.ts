import { z } from 'zod'

/** A text that may be missing, null, a number, or in a form that nobody documents: then there is none. */
export const saidText = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(null)

/**
 * A list of which each element is read by itself: one in another form is null in its place, because citations
 * count places. What a provider was paid for is not lost to one broken hit, nor to more hits than were asked for.
 */
export const hitList = <T>(hit: z.ZodType<T>, max = 200) =>
  z
    .array(z.unknown())
    .transform((list) => list.slice(0, max).map((one) => hit.safeParse(one).data ?? null))
