import type { TenantReader } from '../../store/database/tenant.ts'
import { articleOfStream, definePatchProjection } from '../define-projection.ts'

const eventPatch = (type: string, columns: string): string => `
  select user_id, ${articleOfStream}, (data->>'source')::int as source, global_position as position,
    jsonb_build_object(${columns}) as patch
  from batch where type = '${type}'`

/** One row per item of an array in the event; `item` is the element. */
const itemPatch = (type: string, list: string, columns: string): string => `
  select user_id, ${articleOfStream}, (item->>'source')::int as source, global_position as position,
    jsonb_build_object(${columns}) as patch
  from batch, jsonb_array_elements(data->'${list}') as item where type = '${type}'`

/** One row per source of an article, with its state and the reason for every decision about it. */
export const articleSourcesProjection = definePatchProjection({
  name: 'article_sources',
  key: ['user_id', 'article_id', 'source'],
  columns: [
    'kind',
    'origin',
    'url',
    'name',
    'title',
    'state',
    'reason',
    'detail',
    'retryable',
    'final_url',
    'markdown_sha256',
    'markdown_size',
    'snapshot_sha256',
    'retrieved_at',
    'query_number',
    'snippet',
    'published_at',
    'decision',
    'decision_reason',
    'chosen',
    'chosen_reason',
  ],
  defaults: { state: 'pending', chosen: false },
  ofArticles: true,
  on: {
    UrlsExtracted: itemPatch(
      'UrlsExtracted',
      'links',
      `'kind', item->'kind', 'origin', 'guideline', 'url', item->'url'`,
    ),
    LocalFileUploaded: eventPatch(
      'LocalFileUploaded',
      `'kind', 'file', 'origin', 'file', 'name', data->'name', 'title', data->'name',
       'state', 'scraped', 'retrieved_at', data->'uploaded_at',
       'markdown_sha256', data->'markdown'->'sha256', 'markdown_size', data->'markdown'->'size',
       'snapshot_sha256', data->'original'->'sha256'`,
    ),
    SourceScraped: eventPatch(
      'SourceScraped',
      `'state', 'scraped', 'title', data->'title', 'final_url', data->'final_url',
       'reason', null, 'detail', null, 'retryable', null, 'retrieved_at', data->'retrieved_at',
       'markdown_sha256', data->'markdown'->'sha256', 'markdown_size', data->'markdown'->'size',
       'snapshot_sha256', data->'snapshot'->'sha256'`,
    ),
    SourceFailed: eventPatch(
      'SourceFailed',
      `'state', 'failed', 'reason', data->'reason', 'detail', data->'detail',
       'retryable', data->'retryable', 'retrieved_at', data->'failed_at'`,
    ),
    // A page found again, or named by the guideline before, keeps what the first finding said of it.
    ResearchResultRecorded: `${itemPatch(
      'ResearchResultRecorded',
      'found',
      `'kind', item->'kind', 'origin', 'research', 'url', item->'url', 'title', item->'title',
       'snippet', item->'snippet', 'published_at', item->'published_at',
       'query_number', data->'query_number'`,
    )} and (item->>'first')::boolean`,
    SourcesSelected: itemPatch(
      'SourcesSelected',
      'decisions',
      `'decision', case when (item->>'keep')::boolean then 'kept' else 'rejected' end,
       'decision_reason', item->'reason'`,
    ),
    SourcesChosenForScraping: `${itemPatch(
      'SourcesChosenForScraping',
      'chosen',
      `'chosen', true, 'chosen_reason', item->'reason'`,
    )}
  union all
  select user_id, ${articleOfStream}, dropped::int as source, global_position as position,
    '{"chosen": false, "chosen_reason": null}'::jsonb as patch
  from batch, jsonb_array_elements_text(data->'dropped') as dropped
  where type = 'SourcesChosenForScraping'`,
  },
})

export interface RecentFileRow {
  article_id: string
  article_title: string
  name: string
  size: number
  uploaded_at: Date
}

/** The user's latest uploaded files, over all articles. */
export function listRecentFiles(
  reader: TenantReader,
  userId: string,
  limit: number,
): Promise<RecentFileRow[]> {
  return reader.query<RecentFileRow>(
    userId,
    `select s.article_id, a.title as article_title, s.name, s.markdown_size as size,
       s.retrieved_at as uploaded_at
     from nova.article_sources s join nova.articles a using (user_id, article_id)
     where s.user_id = $1 and s.origin = 'file' order by s.retrieved_at desc limit $2`,
    [userId, limit],
  )
}
