import { z } from 'zod'

/*
 * The parts of the tools' answers that this client reads. Parsed, since the server may be another one
 * than ours, of another version.
 */

export const uploadLinkAnswer = z.object({ url: z.url(), article_id: z.string() })

export const extractAnswer = z.object({
  counts: z.object({
    web: z.number(),
    github: z.number(),
    youtube: z.number(),
    files: z.number(),
  }),
  missing_files: z.array(z.string()),
})

export const runAnswer = z.object({
  run_id: z.string(),
  status: z.enum(['running', 'paused', 'finished', 'cancelled']),
  question: z
    .object({
      text: z.string(),
      choices: z.array(z.string()),
      failures: z.array(z.object({ label: z.string(), failure: z.string() })),
      failed: z.number(),
    })
    .nullable(),
})
export type RunAnswer = z.infer<typeof runAnswer>

export const compileAnswer = z.object({
  size: z.number(),
  sha256: z.string(),
  download_url: z.url(),
})

export const articleAnswer = z.object({
  article_id: z.string(),
  title: z.string(),
  status: z.string(),
  rounds: z.number(),
  archived: z.boolean(),
  missing_files: z.array(z.string()),
  sources_total: z.number(),
  sources: z.array(
    z.object({
      source: z.number(),
      kind: z.enum(['web', 'github', 'youtube', 'file']),
      origin: z.enum(['guideline', 'research', 'file']),
      url: z.string(),
      title: z.string(),
      state: z.enum(['pending', 'scraped', 'failed']),
      failure: z.string().nullable(),
      decision: z.enum(['kept', 'rejected']).nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
})
export type ArticleAnswer = z.infer<typeof articleAnswer>

export const listAnswer = z.object({
  articles: z.array(
    z.object({
      article_id: z.string(),
      title: z.string(),
      status: z.string(),
      archived: z.boolean(),
      guideline_sha256: z.string(),
    }),
  ),
  next_cursor: z.string().nullable(),
})

export const usageAnswer = z.object({ used: z.number(), limit: z.number().nullable() })
