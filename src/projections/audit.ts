import type { Projection } from '../store/projections/projection-step.ts'
import { auditSentences } from './audit-sentences.ts'

const sentence = Object.entries(auditSentences)
  .map(([type, expression]) => `when '${type}' then ${expression}`)
  .join('\n    ')

/**
 * One readable row per event, refusals included; `nova events` reads them. An event without a sentence shows its
 * type.
 */
export const auditProjection: Projection = {
  name: 'audit',
  types: 'all',
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
