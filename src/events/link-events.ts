import { z } from 'zod'
import { defineEvent, type EventOf, instant } from './define-event.ts'

const linkId = () => z.string().min(1).max(64)
/** What links to an article are for. */
export const linkPurposes = ['upload_guideline', 'upload_files', 'download', 'watch'] as const
export type LinkPurpose = (typeof linkPurposes)[number]

/** Version 1 was of articles only. */
export const LinkIssued = defineEvent(
  'LinkIssued',
  {
    link_id: linkId(),
    purpose: z.enum([...linkPurposes, 'analytics']),
    article_id: z.uuid().nullable(),
    issued_at: instant(),
    expires_at: instant(),
  },
  2,
)

/** An upload link works once: this is its stream's second event, and only one append can be that. */
export const LinkUsed = defineEvent('LinkUsed', {
  link_id: linkId(),
  used_at: instant(),
})

export const linkEvents = [LinkIssued, LinkUsed] as const

export type LinkEvent = EventOf<(typeof linkEvents)[number]>

/** One stream per link, so that single use is decided by the store and not by a race. */
export const linkStream = (linkId: string): string => `link-${linkId}`
