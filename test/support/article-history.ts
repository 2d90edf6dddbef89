import fc from 'fast-check'
import * as article from '../../src/events/articles/article-events.ts'
import { slowToolNames } from '../../src/events/articles/slow-tools.ts'
import type { NewEvent } from '../../src/events/define-event.ts'
import * as runs from '../../src/events/runs/run-events.ts'

const at = '2026-05-01T12:00:00.000Z'
const sha = (n: number) => n.toString(16).padStart(64, '0')
const ref = (n: number) => ({ sha256: sha(n), size: n, media_type: 'text/markdown' })
const source = fc.integer({ min: 1, max: 6 })
const word = fc
  .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
  .map((s) => `w${s.replaceAll('\0', '')}`)
const operation_id = fc.constantFrom('op1', 'op2')
const tool = fc.constantFrom(...slowToolNames)
const runId = fc.constantFrom('run1', 'run2')

/** One article event of any type, with numbers from a small range so that events meet. */
const anyEvent: fc.Arbitrary<NewEvent> = fc.oneof(
  fc.tuple(source, word).map(([n, name]) =>
    article.LocalFileUploaded({
      source: n + 10,
      name,
      original: ref(n),
      markdown: ref(n + 100),
      uploaded_at: at,
    }),
  ),
  fc.tuple(operation_id, tool).map(([id, name]) =>
    article.OperationStarted({
      operation_id: id,
      tool: name,
      items: [1, 2],
      usage_month: '2026-05',
      usage_weight: 1,
      started_at: at,
    }),
  ),
  fc
    .tuple(
      operation_id,
      tool,
      fc.constantFrom('completed' as const, 'failed' as const, 'cancelled' as const),
    )
    .map(([id, name, outcome]) =>
      article.OperationFinished({
        operation_id: id,
        tool: name,
        outcome,
        succeeded: 1,
        failed: 1,
        finished_at: at,
      }),
    ),
  fc.tuple(operation_id, source, word).map(([id, n, title]) =>
    article.SourceScraped({
      operation_id: id,
      source: n,
      url: `https://a.example/${n}`,
      final_url: `https://a.example/${n}`,
      title,
      snapshot: n % 2 ? ref(n) : null,
      markdown: ref(n + 10),
      converter: 'web/1',
      cleaned_by: null,
      revision: null,
      facts: {},
      notes: [],
      retrieved_at: at,
    }),
  ),
  fc
    .tuple(source, fc.constantFrom('unchanged' as const, 'gone' as const))
    .map(([n, outcome]) =>
      article.SourceChecked({ source: n, outcome, sha256: null, checked_at: at }),
    ),
  fc.tuple(operation_id, source).map(([id, n]) =>
    article.SourceFailed({
      operation_id: id,
      source: n,
      url: `https://a.example/${n}`,
      reason: 'TIMEOUT',
      detail: null,
      retryable: true,
      failed_at: at,
    }),
  ),
  fc
    .tuple(operation_id, source, fc.array(fc.tuple(source, word, fc.boolean()), { maxLength: 3 }))
    .map(([id, query_number, found]) =>
      article.ResearchResultRecorded({
        operation_id: id,
        query_number,
        provider: 'searxng',
        answer: null,
        found: [...new Map(found.map((item) => [item[0], item])).values()].map(
          ([n, title, first]) => ({
            source: n,
            first,
            url: `https://b.example/${n}`,
            canonical: `b.example/${n}`,
            kind: 'web' as const,
            title,
            snippet: null,
            published_at: null,
            cited: false,
          }),
        ),
        cost_usd: null,
        recorded_at: at,
      }),
    ),
  fc.integer({ min: 1, max: 3 }).map((round) =>
    article.QueriesGenerated({
      round,
      queries: [{ query_number: round, query: 'q', reason: 'r' }],
      by: 'heuristic',
      note: null,
      generated_at: at,
    }),
  ),
  fc.array(fc.tuple(source, fc.boolean(), word), { maxLength: 4 }).map((decisions) =>
    article.SourcesSelected({
      decisions: [...new Map(decisions.map((item) => [item[0], item])).values()].map(
        ([n, keep, reason]) => ({ source: n, keep, reason }),
      ),
      by: 'agent',
      note: null,
      selected_at: at,
    }),
  ),
  fc
    .tuple(fc.array(source, { maxLength: 2 }), fc.array(source, { maxLength: 2 }))
    .map(([chosen, dropped]) =>
      article.SourcesChosenForScraping({
        chosen: [...new Set(chosen)].map((n) => ({ source: n, reason: 'r' })),
        dropped: dropped.filter((n) => !chosen.includes(n)),
        by: 'agent',
        note: null,
        chosen_at: at,
      }),
    ),
  source.map((n) =>
    article.ResearchCompiled({
      research: ref(n),
      evidence: ref(n),
      compiler: 'research/1',
      through_version: n,
      compiled_at: at,
    }),
  ),
  fc.constant(article.ArticleArchived({ archived_at: at })),
  fc.constant(article.ArticleUnarchived({ unarchived_at: at })),
  fc.constant(article.ArticleRenamed({ title: 'Another title', renamed_at: at })),
  runId.map((run_id) => runs.ResearchRunFinished({ run_id, finished_at: at })),
  runId.map((run_id) => runs.ResearchRunCancelled({ run_id, cancelled_at: at })),
  fc.tuple(runId, fc.constantFrom(...runs.runTools)).map(([run_id, called]) =>
    runs.ResearchRunStepBegun({
      run_id,
      step: 1,
      tool: called,
      call_id: 'call1',
      usage_month: '2026-05',
      usage_weight: 1,
      operations_max: 0,
      begun_at: at,
    }),
  ),
  fc.tuple(runId, fc.constantFrom(...runs.runPauses), fc.boolean()).map(([run_id, kind, due]) =>
    runs.ResearchRunPaused({
      run_id,
      question: 1,
      kind,
      tool: kind === 'budget' ? null : 'create_research_file',
      code: null,
      failures: [],
      failed: 1,
      choices: ['continue'],
      resumes_at: due ? at : null,
      paused_at: at,
    }),
  ),
  runId.map((run_id) =>
    runs.ResearchRunResumed({
      run_id,
      question: 1,
      decision: 'continue',
      by: 'user',
      resumed_at: at,
    }),
  ),
)

/** A whole article's events: every source exists before anything happens to it. */
export const articleHistory = (articleId: string): fc.Arbitrary<NewEvent[]> =>
  fc.array(anyEvent, { maxLength: 25 }).map((events) => [
    article.ArticleCreated({
      article_id: articleId,
      title: 'An article',
      guideline: ref(1),
      created_at: at,
    }),
    article.UrlsExtracted({
      links: [1, 2, 3, 4, 5, 6].map((n) => ({
        source: n,
        url: `https://a.example/${n}`,
        canonical: `a.example/${n}`,
        kind: 'web',
        rank: null,
      })),
      local_files: [],
      extracted_at: at,
    }),
    ...['op1', 'op2'].map((id) =>
      article.OperationStarted({
        operation_id: id,
        tool: 'scrape_and_clean_other_urls',
        items: [1, 2],
        usage_month: '2026-05',
        usage_weight: 1,
        started_at: at,
      }),
    ),
    ...['run1', 'run2'].map((run_id) =>
      runs.ResearchRunStarted({
        run_id,
        rounds: 1,
        decided_by: 'heuristic',
        budget: { calls: null, cost_usd: null, minutes: null },
        keep_going: false,
        started_at: at,
      }),
    ),
    ...events,
  ])
