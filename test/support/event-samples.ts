import * as article from '../../src/events/articles/article-events.ts'
import type { NewEvent } from '../../src/events/define-event.ts'
import {
  LinkDownloaded,
  LinkIssued,
  LinksRevoked,
  LinkUploadCounted,
  LinkUsed,
} from '../../src/events/links/link-events.ts'
import { AccessRefused } from '../../src/events/people/access-events.ts'
import { ApiTokenIssued, ApiTokenRevoked } from '../../src/events/people/token-events.ts'
import { PlanAssigned } from '../../src/events/people/user-events.ts'
import * as runs from '../../src/events/runs/run-events.ts'
import * as usage from '../../src/events/usage/usage-events.ts'
import * as facts from './article-facts.ts'

const { at, articleId, ref } = facts
const call = { call_id: 'call1', tool: 'get_article' }

/** One event of every type at its current version, from which stored samples are made. */
export const eventSamples: readonly NewEvent[] = [
  facts.created,
  facts.extracted,
  article.LocalFileUploaded({
    source: 5,
    name: 'notes.md',
    original: ref(1),
    markdown: ref(2),
    uploaded_at: at,
  }),
  facts.started('scrape_and_clean_other_urls', [1, 2]),
  facts.finished('scrape_and_clean_other_urls', 'completed', 1, 1),
  article.OperationCancelled({ operation_id: 'op1', cancelled_at: at }),
  facts.scraped(1),
  facts.failed(2, true),
  article.SourceChecked({ source: 1, outcome: 'changed', sha256: ref(4).sha256, checked_at: at }),
  facts.asked(1, 1),
  facts.found(1, 8),
  article.ResearchQueryFailed({
    operation_id: 'op1',
    query_number: 1,
    reason: 'TIMEOUT',
    detail: null,
    failed_at: at,
  }),
  facts.selected([8, true]),
  facts.chosen(8),
  article.ResearchCompiled({
    research: ref(3),
    compiler: 'research/1',
    through_version: 9,
    compiled_at: at,
  }),
  article.ArticleArchived({ archived_at: at }),
  article.ArticleUnarchived({ unarchived_at: at }),
  article.ArticleErased({ erased_at: at }),
  runs.ResearchRunStarted({
    run_id: 'run1',
    rounds: 3,
    decided_by: 'heuristic',
    budget: { calls: 20, cost_usd: 1.5, minutes: 30 },
    keep_going: false,
    started_at: at,
  }),
  runs.ResearchRunStepBegun({
    run_id: 'run1',
    step: 1,
    tool: 'scrape_and_clean_other_urls',
    call_id: 'call1',
    usage_month: '2026-11',
    usage_weight: 1,
    operations_max: 2,
    begun_at: at,
  }),
  runs.ResearchRunStepEnded({
    run_id: 'run1',
    step: 1,
    outcome: 'failed',
    code: 'STORAGE_FULL',
    cost_usd: 0.25,
    ended_at: at,
  }),
  runs.ResearchRunPaused({
    run_id: 'run1',
    question: 1,
    kind: 'all_failed',
    tool: 'scrape_and_clean_other_urls',
    code: null,
    failures: [{ item: 2, reason: 'TIMEOUT', detail: 'after 30 s' }],
    failed: 1,
    choices: ['retry', 'continue', 'stop'],
    resumes_at: at,
    paused_at: at,
  }),
  runs.ResearchRunResumed({
    run_id: 'run1',
    question: 1,
    decision: 'continue',
    by: 'user',
    resumed_at: at,
  }),
  runs.ResearchRunFinished({ run_id: 'run1', finished_at: at }),
  runs.ResearchRunCancelled({ run_id: 'run1', cancelled_at: at }),
  usage.ToolCalled({ ...call, article_id: articleId, weight: 5, called_at: at }),
  usage.ToolCallSettled({
    ...call,
    outcome: 'completed',
    code: null,
    items_ok: 2,
    items_failed: 0,
    duration_ms: 12,
    cost_usd: 0.01,
    settled_at: at,
  }),
  usage.ToolCallRefunded({ ...call, weight: 5, reason: 'nothing to do', refunded_at: at }),
  usage.ServicesUsed({
    call_id: call.call_id,
    article_id: articleId,
    services: [
      {
        service: 'google:gemini-flash',
        requests: 1,
        input_tokens: 1200,
        output_tokens: 80,
        cost_usd: 0.001,
      },
      { service: 'firecrawl', requests: 1, input_tokens: 0, output_tokens: 0, cost_usd: null },
    ],
    used_at: at,
  }),
  usage.ToolCallRefused({
    ...call,
    weight: 5,
    reason: 'month',
    used: 98,
    limit: 100,
    resets_at: at,
    refused_at: at,
  }),
  AccessRefused({
    refusals: [{ reason: 'TOKEN_EXPIRED', network: '203.0.113.0/24', count: 3 }],
    others: 2,
    began_at: at,
    ended_at: at,
  }),
  LinkIssued({
    link_id: 'link1',
    purpose: 'upload_guideline',
    article_id: articleId,
    issued_at: at,
    expires_at: at,
  }),
  LinkUsed({ link_id: 'link1', used_at: at }),
  LinkUploadCounted({ link_id: 'link1', through_link_id: 'link2', counted_at: at }),
  LinkDownloaded({ link_id: 'link1', article_id: articleId, downloaded_at: at }),
  LinksRevoked({ article_id: articleId, revoked_at: at }),
  ApiTokenIssued({
    token_id: '0123456789abcdef',
    name: 'nightly script',
    scopes: ['nova:read', 'nova:write'],
    secret_sha256: 'a'.repeat(64),
    issued_at: at,
    expires_at: null,
  }),
  ApiTokenRevoked({ token_id: '0123456789abcdef', revoked_at: at }),
  PlanAssigned({
    calls_per_month: 1000,
    calls_per_minute: 30,
    concurrent_operations: 2,
    weights: { run_perplexity_research: 5 },
    assigned_by: 'admin@nova.example',
    assigned_at: at,
  }),
]
