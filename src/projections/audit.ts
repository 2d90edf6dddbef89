import type { TenantReader } from '../store/database/tenant.ts'
import type { Projection } from '../store/projections/projection-step.ts'
import { auditSentences } from './audit-sentences.ts'

const sentence = Object.entries(auditSentences)
  .map(([type, expression]) => `when '${type}' then ${expression}`)
  .join('\n    ')

/** One readable row per event, refusals included. An event without a sentence shows its type. */
export const auditProjection: Projection = {
  name: 'audit',
  fold: (table) => `
insert into ${table} (
  user_id, position, event_id, recorded_at, stream_id, stream_version, article_id, type, actor,
  correlation_id, causation_id, call_id, client, summary)
select user_id, global_position, event_id, recorded_at, stream_id, stream_version,
  case when stream_id like 'article-%' then substr(stream_id, 9)::uuid
    else (data->>'article_id')::uuid end,
  type, metadata->>'actor', coalesce(metadata->>'correlation_id', metadata->>'request_id'),
  metadata->>'causation_id', data->>'call_id',
  metadata->>'client',
  coalesce(case type
    ${sentence}
  end, type)
from nova.events
where global_position > $1 and global_position <= $2`,
}

export interface AuditRow {
  position: number
  event_id: string
  recorded_at: Date
  stream_id: string
  stream_version: number
  article_id: string | null
  type: string
  actor: string | null
  correlation_id: string | null
  causation_id: string | null
  call_id: string | null
  client: string | null
  summary: string
}

/** What happened to a user's things, newest first; `before` is the last position of an earlier page. */
export function listAudit(
  reader: TenantReader,
  userId: string,
  page: { limit: number; before?: number; articleId?: string },
): Promise<AuditRow[]> {
  return reader.query<AuditRow>(
    userId,
    `select position, event_id, recorded_at, stream_id, stream_version, article_id, type, actor,
       correlation_id, causation_id, call_id, client, summary
     from nova.audit
     where user_id = $1 and ($2::bigint is null or position < $2) and ($3::uuid is null or article_id = $3)
     order by position desc limit $4`,
    [userId, page.before ?? null, page.articleId ?? null, page.limit],
  )
}
