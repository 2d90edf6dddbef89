import { z } from 'zod'
import { defineEvent, type EventOf, instant } from '../define-event.ts'

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

/** An upload through a link that was made through another one: it counts there, with the link its owner gave. */
export const LinkUploadCounted = defineEvent('LinkUploadCounted', {
  link_id: linkId(),
  through_link_id: linkId(),
  counted_at: instant(),
})

/** Somebody who holds the link took research.md. */
export const LinkDownloaded = defineEvent('LinkDownloaded', {
  link_id: linkId(),
  article_id: z.uuid(),
  downloaded_at: instant(),
})

/** The owner revoked every link of the article that was given out until then. */
export const LinksRevoked = defineEvent('LinksRevoked', {
  article_id: z.uuid(),
  revoked_at: instant(),
})

export const linkEvents = [
  LinkIssued,
  LinkUsed,
  LinkUploadCounted,
  LinkDownloaded,
  LinksRevoked,
] as const

export type LinkEvent = EventOf<(typeof linkEvents)[number]>

/** One stream per link, so that single use is decided by the store and not by a race. */
export const linkStream = (linkId: string): string => `link-${linkId}`

/** One stream per article that counts how often its links were revoked: each link carries the count it knows. */
export const linksStream = (articleId: string): string => `links-${articleId}`
