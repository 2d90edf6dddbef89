import { z } from 'zod'
import { linkRanks, sourceKinds } from '../../../events/articles/article-events.ts'
import type { ArticleSource } from '../../../events/articles/article-state.ts'

/** One source of an article, with its state and the reason for it. */
export const sourceViewSchema = z.object({
  source: z.number().int().min(1),
  kind: z.enum(sourceKinds),
  origin: z.enum(['guideline', 'research', 'file']),
  /** Address, or file name for a file. */
  url: z.string(),
  title: z.string(),
  rank: z.enum(linkRanks).nullable().describe('What the guideline says of its own link.'),
  state: z.enum(['pending', 'scraped', 'failed']),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  final_url: z.string().nullable(),
  retrieved_at: z.string().nullable(),
  size: z.number().int().min(0).nullable(),
  decision: z.enum(['kept', 'rejected']).nullable(),
  decision_reason: z.string().nullable(),
  chosen: z.boolean(),
})

export function sourceView(source: ArticleSource): z.infer<typeof sourceViewSchema> {
  const { decision } = source
  return {
    source: source.number,
    kind: source.kind,
    origin: source.origin,
    url: source.url,
    title: source.title,
    rank: source.rank,
    state: source.state,
    reason: source.failure?.reason ?? null,
    detail: source.failure?.detail ?? null,
    final_url: source.finalUrl,
    retrieved_at: source.retrievedAt,
    size: source.markdown?.size ?? null,
    decision: decision && (decision.keep ? 'kept' : 'rejected'),
    decision_reason: decision?.reason ?? null,
    chosen: source.chosen !== null,
  }
}
