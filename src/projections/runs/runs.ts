import type { TenantReader } from '../../store/database/tenant.ts'
import { articleOfStream, definePatchProjection } from '../define-projection.ts'

const patch = (type: string, columns: string): string => `
  select user_id, data->>'run_id' as run_id, global_position as position,
    jsonb_build_object('updated_at', recorded_at, ${columns}) as patch
  from (select *, ${articleOfStream} from batch where type = '${type}') as moved`

/** One row per research run: what it is doing, what it asks, and when it goes on by itself. */
export const runsProjection = definePatchProjection({
  name: 'runs',
  key: ['user_id', 'run_id'],
  columns: [
    'article_id',
    'status',
    'step',
    'asks',
    'asks_about',
    'resumes_at',
    'started_at',
    'updated_at',
    'ended_at',
  ],
  defaults: {},
  ofArticles: true,
  on: {
    ResearchRunStarted: patch(
      'ResearchRunStarted',
      `'article_id', article_id, 'status', 'running', 'started_at', data->'started_at'`,
    ),
    ResearchRunStepBegun: patch('ResearchRunStepBegun', `'step', data->'tool'`),
    ResearchRunPaused: patch(
      'ResearchRunPaused',
      `'status', 'paused', 'asks', data->'kind', 'asks_about', data->'tool',
       'resumes_at', data->'resumes_at'`,
    ),
    ResearchRunResumed: patch(
      'ResearchRunResumed',
      `'status', 'running', 'asks', null, 'asks_about', null, 'resumes_at', null`,
    ),
    ResearchRunFinished: patch(
      'ResearchRunFinished',
      `'status', 'finished', 'ended_at', data->'finished_at'`,
    ),
    ResearchRunCancelled: patch(
      'ResearchRunCancelled',
      `'status', 'cancelled', 'asks', null, 'asks_about', null, 'resumes_at', null,
       'ended_at', data->'cancelled_at'`,
    ),
  },
})

/** The article of the user's run, or null. One that has just begun is found among the events not yet folded. */
export async function articleOfRun(
  reader: TenantReader,
  userId: string,
  runId: string,
): Promise<string | null> {
  const [row] = await reader.query<{ article_id: string }>(
    userId,
    `select article_id from nova.runs where user_id = $1 and run_id = $2
     union all
     select ${articleOfStream} from nova.events e
     where e.user_id = $1 and e.type = 'ResearchRunStarted' and e.data->>'run_id' = $2
       and e.global_position > (
         select c.position from nova.projections c where c.name = 'runs' and c.status = 'live')
     limit 1`,
    [userId, runId],
  )
  return row?.article_id ?? null
}
