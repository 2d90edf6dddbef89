const count = (list: string): string => `jsonb_array_length(data->'${list}')`
const kept = (keep: boolean): string =>
  `(select count(*) from jsonb_array_elements(data->'decisions') d where (d->>'keep')::boolean = ${keep})`

/**
 * What each event says, as an SQL expression over its row. Only numbers, codes and words of ours: never a
 * title, an address or a reason that somebody wrote, which erasing an article would have to find here.
 */
export const auditSentences: Readonly<Record<string, string>> = {
  ArticleCreated: `format('Article created from a guideline of %s bytes', data->'guideline'->>'size')`,
  UrlsExtracted: `format('Guideline read: %s links, %s local files', ${count('links')}, ${count('local_files')})`,
  LocalFileUploaded: `format('File stored as source %s: %s bytes of Markdown',
    data->>'source', data->'markdown'->>'size')`,
  OperationStarted: `format('%s started on %s items', data->>'tool', ${count('items')})`,
  OperationFinished: `format('%s %s: %s succeeded, %s failed',
    data->>'tool', data->>'outcome', data->>'succeeded', data->>'failed')`,
  OperationCancelled: `format('Asked to cancel operation %s', data->>'operation_id')`,
  SourceScraped: `format('Source %s read: %s bytes of Markdown by %s',
    data->>'source', data->'markdown'->>'size', data->>'converter')`,
  SourceFailed: `format('Source %s failed: %s%s', data->>'source', data->>'reason',
    case when (data->>'retryable')::boolean then ', may be tried again' else '' end)`,
  SourceChecked: `format('Source %s asked again: %s', data->>'source', data->>'outcome')`,
  QueriesGenerated: `format('Round %s: %s queries by the %s', data->>'round', ${count('queries')}, data->>'by')`,
  ResearchResultRecorded: `format('Query %s answered by %s: %s pages, %s of them new',
    data->>'query_number', data->>'provider', ${count('found')},
    (select count(*) from jsonb_array_elements(data->'found') f where (f->>'first')::boolean))`,
  ResearchQueryFailed: `format('Query %s failed: %s', data->>'query_number', data->>'reason')`,
  SourcesSelected: `format('%s sources kept and %s rejected by the %s', ${kept(true)}, ${kept(false)}, data->>'by')`,
  SourcesChosenForScraping: `format('%s sources chosen to be read in full and %s dropped by the %s',
    ${count('chosen')}, ${count('dropped')}, data->>'by')`,
  ResearchCompiled: `format('research.md compiled: %s bytes by %s', data->'research'->>'size', data->>'compiler')`,
  ArticleArchived: `'Article archived'`,
  ArticleErased: `'Article erased: its texts and personal data are gone'`,
  ToolCalled: `format('%s called', data->>'tool')`,
  ToolCallSettled: `format('%s %s after %s ms: %s items done, %s failed%s', data->>'tool', data->>'outcome',
    data->>'duration_ms', data->>'items_ok', data->>'items_failed', ' (' || (data->>'code') || ')')`,
  ToolCallRefunded: `format('%s given back: %s', data->>'tool', data->>'reason')`,
  ToolCallRefused: `format('%s refused: %s of %s calls used this %s', data->>'tool', data->>'used', data->>'limit',
    coalesce(data->>'reason', 'month'))`,
  ServicesUsed: `format('%s services worked for a call: %s tokens in, %s out', ${count('services')},
    (select sum((s->>'input_tokens')::bigint) from jsonb_array_elements(data->'services') s),
    (select sum((s->>'output_tokens')::bigint) from jsonb_array_elements(data->'services') s))`,
  AccessRefused: `format('Not let in: %s%s', coalesce((
    select string_agg(format('%s × %s from %s', r->>'count', r->>'reason', r->>'network'), ', ')
    from jsonb_array_elements(data->'refusals') r), ''),
    case when (data->>'others')::int > 0 then format(', %s others', data->>'others') else '' end)`,
  LinkIssued: `format('Link issued: %s', data->>'purpose')`,
  LinkUsed: `'Link used'`,
  LinkUploadCounted: `'Upload counted with the link it came through'`,
  LinkDownloaded: `'research.md downloaded by link'`,
  LinksRevoked: `'Links of the article revoked'`,
  ApiTokenIssued: `format('API token %s issued: %s', data->>'token_id', data->>'scopes')`,
  PlanAssigned: `format('Plan assigned: %s calls a month, %s a minute, %s operations at once (0 = unlimited)%s',
    data->>'calls_per_month', data->>'calls_per_minute', data->>'concurrent_operations',
    '; weights ' || nullif(data->>'weights', '{}'))`,
  ApiTokenRevoked: `format('API token %s revoked', data->>'token_id')`,
}
