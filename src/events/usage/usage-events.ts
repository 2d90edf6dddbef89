import { z } from 'zod'
import { slowToolNames } from '../articles/slow-tools.ts'
import { defineEvent, type EventOf, instant } from '../define-event.ts'
import { weightMax } from '../people/user-events.ts'

const callId = () => z.string().min(1).max(64)
const tool = () => z.string().regex(/^[a-z_]{1,64}$/)
/** Units that the call counts. Events that were stored without it are of calls that counted one. */
const weight = () => z.number().int().min(0).max(weightMax)

/** A call was admitted; the quota counts the weights of these less those of the refunds. */
export const ToolCalled = defineEvent(
  'ToolCalled',
  {
    call_id: callId(),
    tool: tool(),
    article_id: z.uuid().nullable(),
    weight: weight(),
    called_at: instant(),
  },
  2,
)

export const ToolCallSettled = defineEvent('ToolCallSettled', {
  call_id: callId(),
  tool: tool(),
  outcome: z.enum(['completed', 'refused', 'failed', 'cancelled']),
  /** The refusal's code when the outcome is one. */
  code: z.string().max(60).nullable(),
  items_ok: z.number().int().min(0),
  items_failed: z.number().int().min(0),
  duration_ms: z.number().int().min(0),
  cost_usd: z.number().min(0).nullable(),
  settled_at: instant(),
})

/** A call that did no work gives its units back, once. */
export const ToolCallRefunded = defineEvent(
  'ToolCallRefunded',
  {
    call_id: callId(),
    tool: tool(),
    weight: weight(),
    reason: z.string().min(1).max(200),
    refunded_at: instant(),
  },
  2,
)

/** A call over a limit: it did nothing and counts nothing, but it is on record. Version 1 had no reason. */
export const ToolCallRefused = defineEvent(
  'ToolCallRefused',
  {
    call_id: callId(),
    tool: tool(),
    weight: weight(),
    /** Which limit was reached. */
    reason: z.enum(['month', 'minute']),
    used: z.number().int().min(0),
    limit: z.number().int().min(1),
    resets_at: instant(),
    refused_at: instant(),
  },
  3,
)

/** What models and other services did for one piece of work of a call. Tokens always, a cost where a price is known. */
export const ServicesUsed = defineEvent('ServicesUsed', {
  call_id: callId(),
  article_id: z.uuid().nullable(),
  services: z
    .array(
      z.strictObject({
        /** `provider:model` of a model, else the name of the service. */
        service: z.string().min(1).max(200),
        requests: z.number().int().min(0),
        input_tokens: z.number().int().min(0),
        output_tokens: z.number().int().min(0),
        cost_usd: z.number().min(0).nullable(),
      }),
    )
    .min(1),
  used_at: instant(),
})

export const usageEvents = [
  ToolCalled,
  ToolCallSettled,
  ToolCallRefunded,
  ToolCallRefused,
  ServicesUsed,
] as const

export type UsageEvent = EventOf<(typeof usageEvents)[number]>

/** The UTC calendar month of a moment, `yyyy-mm`. */
export const usageMonth = (now: Date): string => now.toISOString().slice(0, 7)

/** One stream per user and month: it stays short, and its end is the month's end. */
export const usageStream = (userId: string, month: string): string => `usage-${userId}-${month}`

/** Midnight UTC on the first day of the following month. */
export function monthEnd(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1))
}

/** The tools whose calls count, as usage events and plans name them. */
export const toolNames: ReadonlySet<string> = new Set([
  ...slowToolNames,
  'create_article',
  'request_upload_link',
  'extract_guidelines_urls',
  'generate_next_queries',
  'select_research_sources_to_keep',
  'select_research_sources_to_scrape',
  'create_research_file',
  'get_article',
  'list_articles',
  'read_research',
  'get_operation',
  'cancel_operation',
  'archive_article',
  'account_usage',
])
