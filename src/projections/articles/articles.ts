import type { ArticleStatus } from '../../events/articles/article-status.ts'
import { slowToolNames, slowTools } from '../../events/articles/slow-tools.ts'
import { runEvents } from '../../events/runs/run-events.ts'
import type { TenantReader } from '../../store/database/tenant.ts'
import { articleOfStream, definePatchProjection } from '../define-projection.ts'

const patch = (type: string, columns: string): string => `
  select user_id, ${articleOfStream}, global_position as position, jsonb_build_object(
    'updated_at', recorded_at, 'stream_version', stream_version ${columns && `, ${columns}`}) as patch
  from batch where type = '${type}'`

const statusOfTool = (which: 'status' | 'statusAfter'): string =>
  `case data->>'tool' ${slowToolNames.map((tool) => `when '${tool}' then '${slowTools[tool][which]}'`).join(' ')} end`

/** One row per article. The status says the same as statusAfter in events/article-status.ts. */
export const articlesProjection = definePatchProjection({
  name: 'articles',
  key: ['user_id', 'article_id'],
  columns: [
    'title',
    'guideline_sha256',
    'guideline_size',
    'status',
    'expected_files',
    'rounds',
    'research_sha256',
    'research_size',
    'compiled_at',
    'archived_at',
    'created_at',
    'updated_at',
    'stream_version',
  ],
  defaults: { expected_files: [], rounds: 0 },
  ofArticles: true,
  on: {
    ArticleCreated: patch(
      'ArticleCreated',
      `'status', 'created', 'title', data->'title', 'created_at', data->'created_at',
       'guideline_sha256', data->'guideline'->'sha256', 'guideline_size', data->'guideline'->'size'`,
    ),
    UrlsExtracted: patch(
      'UrlsExtracted',
      `'status', 'extracting_urls', 'expected_files', data->'local_files'`,
    ),
    LocalFileUploaded: patch('LocalFileUploaded', ''),
    OperationStarted: patch('OperationStarted', `'status', ${statusOfTool('status')}`),
    OperationFinished: patch(
      'OperationFinished',
      `'status', case when data->>'outcome' = 'failed' then 'failed' else ${statusOfTool('statusAfter')} end`,
    ),
    QueriesGenerated: patch('QueriesGenerated', `'status', 'researching', 'rounds', data->'round'`),
    SourcesSelected: patch('SourcesSelected', `'status', 'selecting_sources'`),
    SourcesChosenForScraping: patch('SourcesChosenForScraping', `'status', 'scraping_research'`),
    SourceScraped: patch('SourceScraped', ''),
    SourceFailed: patch('SourceFailed', ''),
    SourceChecked: patch('SourceChecked', ''),
    ResearchResultRecorded: patch('ResearchResultRecorded', ''),
    ResearchQueryFailed: patch('ResearchQueryFailed', ''),
    ResearchCompiled: patch(
      'ResearchCompiled',
      `'status', 'completed', 'research_sha256', data->'research'->'sha256',
       'research_size', data->'research'->'size', 'compiled_at', data->'compiled_at'`,
    ),
    ...Object.fromEntries(runEvents.map(({ type }) => [type, patch(type, '')])),
    ArticleArchived: patch('ArticleArchived', `'archived_at', data->'archived_at'`),
    ArticleRenamed: patch('ArticleRenamed', `'title', data->'title'`),
    ArticleUnarchived: patch('ArticleUnarchived', `'archived_at', null`),
  },
})

export interface SourceCounts {
  pending: number
  scraped: number
  failed: number
  kept: number
  rejected: number
  chosen: number
  by_kind: { web: number; github: number; youtube: number; file: number }
}

export interface ArticleRow {
  article_id: string
  title: string
  status: ArticleStatus
  rounds: number
  expected_files: string[]
  guideline_sha256: string
  guideline_size: number
  research_sha256: string | null
  research_size: number | null
  compiled_at: Date | null
  archived_at: Date | null
  created_at: Date
  updated_at: Date
  stream_version: number
  sources: SourceCounts
}

const columns = `a.article_id, a.title, a.status, a.rounds, a.expected_files, a.guideline_sha256,
  a.guideline_size, a.research_sha256, a.research_size, a.compiled_at, a.archived_at, a.created_at,
  a.updated_at, a.stream_version, c.sources`

// Counted from the sources and not carried along: a failure that succeeds later moves between counts.
const counts = `cross join lateral (
  select jsonb_build_object(
    'pending', count(*) filter (where s.state = 'pending'),
    'scraped', count(*) filter (where s.state = 'scraped'),
    'failed', count(*) filter (where s.state = 'failed'),
    'kept', count(*) filter (where s.decision = 'kept'),
    'rejected', count(*) filter (where s.decision = 'rejected'),
    'chosen', count(*) filter (where s.chosen),
    'by_kind', jsonb_build_object(
      'web', count(*) filter (where s.kind = 'web'),
      'github', count(*) filter (where s.kind = 'github'),
      'youtube', count(*) filter (where s.kind = 'youtube'),
      'file', count(*) filter (where s.kind = 'file'))) as sources
  from nova.article_sources s where s.user_id = a.user_id and s.article_id = a.article_id
) c`

/** Where the first page begins: after every article. A bound that may be missing would keep the index from being used. */
const newest = { createdAt: 'infinity', articleId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }

/** Which articles are looked for; what is left out does not matter. */
interface ArticleSearch {
  /** In the title, in any case, as it stands. */
  text?: string | undefined
  status?: ArticleStatus | undefined
  archived?: boolean | undefined
}

interface ArticlePage extends ArticleSearch {
  limit: number
  /** Continues after the last one of an earlier page. */
  before?: { createdAt: string; articleId: string } | undefined
}

/** The user's articles, newest first. */
export function listArticles(
  reader: TenantReader,
  userId: string,
  { limit, before, text, status, archived }: ArticlePage,
): Promise<ArticleRow[]> {
  const { createdAt, articleId } = before ?? newest
  const values = [userId, createdAt, articleId, limit]
  const given = (condition: string, value: string | boolean | undefined): string =>
    value === undefined ? '' : ` and ${condition.replace('?', `$${values.push(String(value))}`)}`
  const search =
    given('strpos(lower(title), lower(?)) > 0', text) +
    given('status = ?', status) +
    given('(archived_at is not null) = ?::boolean', archived)
  // The page first: sources are counted for its articles only, however many the user has.
  return reader.query<ArticleRow>(
    userId,
    `with page as materialized (
       select * from nova.articles
       where user_id = $1 and created_at <= $2::timestamptz
         and (created_at, article_id) < ($2::timestamptz, $3::uuid)${search}
       order by created_at desc, article_id desc limit $4)
     select ${columns} from page a ${counts}
     order by a.created_at desc, a.article_id desc`,
    values,
  )
}
