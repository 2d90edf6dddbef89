import { z } from 'zod'

/*
 * The parts of the tools' answers that this client reads. Parsed, since the server may be another one
 * than ours, of another version.
 */

const nextStep = z.object({ tool: z.string().nullable(), why: z.string() })

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

export const operationAnswer = z.object({
  status: z.enum(['completed', 'running', 'cancelling', 'failed', 'cancelled', 'nothing_to_do']),
  operation_id: z.string().nullable(),
  total: z.number(),
  succeeded: z.number(),
  failed: z.number(),
  items: z.array(
    z.object({
      number: z.number(),
      label: z.string(),
      title: z.string(),
      state: z.enum(['ok', 'failed', 'pending']),
      failure: z.string().nullable(),
    }),
  ),
  found_total: z.number().default(0),
  message: z.string(),
})
export type OperationAnswer = z.infer<typeof operationAnswer>

export const queriesAnswer = z.object({
  round: z.number(),
  queries: z.array(z.object({ number: z.number(), query: z.string(), reason: z.string() })),
  by: z.string(),
  note: z.string().nullable(),
})

export const keepAnswer = z.object({
  kept: z.number(),
  rejected: z.number(),
  by: z.string(),
  note: z.string().nullable(),
})

export const chooseAnswer = z.object({
  chosen: z.array(z.object({ source: z.number(), title: z.string(), url: z.string() })),
  by: z.string(),
  note: z.string().nullable(),
})

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
  running: z.array(z.object({ operation_id: z.string(), tool: z.string() })),
  next_cursor: z.string().nullable(),
  next_step: nextStep,
})
export type ArticleAnswer = z.infer<typeof articleAnswer>

export const listAnswer = z.object({
  articles: z.array(
    z.object({
      article_id: z.string(),
      title: z.string(),
      status: z.string(),
      guideline_sha256: z.string(),
    }),
  ),
  next_cursor: z.string().nullable(),
})

export const usageAnswer = z.object({ used: z.number(), limit: z.number().nullable() })
