import { randomUUID } from 'node:crypto'
import { fileForm } from './form.ts'
import type { TwoUsers } from './two-users.ts'

/** Ids that a request may name: Ada's, or ones that nothing has. */
export interface Ids {
  articleId: string
  operationId: string
  tokenId: string
}

/** Ids of nothing. */
export const nothing = (): Ids => ({
  articleId: randomUUID(),
  operationId: randomUUID(),
  tokenId: randomUUID().replaceAll('-', '').slice(0, 16),
})

const ofArticle = ({ articleId: article_id }: Ids) => ({ article_id })

/** Arguments of each tool that name something; null where it takes no id and only its answer counts. */
export const toolArguments: Readonly<Record<string, ((ids: Ids) => object) | null>> = {
  create_article: null,
  request_upload_link: (ids) => ({ purpose: 'files', ...ofArticle(ids) }),
  research_article: ofArticle,
  extract_guidelines_urls: ofArticle,
  scrape_and_clean_other_urls: ofArticle,
  process_github_urls: ofArticle,
  transcribe_youtube_urls: ofArticle,
  generate_next_queries: ofArticle,
  run_perplexity_research: ofArticle,
  select_research_sources_to_keep: ofArticle,
  select_research_sources_to_scrape: ofArticle,
  scrape_research_urls: ofArticle,
  create_research_file: ofArticle,
  get_article: ofArticle,
  list_articles: null,
  read_research: ofArticle,
  get_operation: ({ operationId }) => ({ operation_id: operationId }),
  cancel_operation: ({ operationId }) => ({ operation_id: operationId }),
  archive_article: ofArticle,
  account_usage: null,
  assign_plan: ({ articleId }) => ({ user_id: articleId, calls_per_month: 1 }),
  read_analytics: null,
}

/** For tools that name nothing. */
export const anyArguments: Readonly<Record<string, object>> = {
  create_article: { guideline: '# Of Eve' },
}

type Requested = RequestInit & { path: string }
type Way = (ids: Ids, world: TwoUsers) => Requested | Promise<Requested>

const file = fileForm('notes.md', '# mine')
const upload = { body: new Uint8Array(file.payload), headers: file.headers }
const json = (method: string, body: object) => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})
const article =
  (rest: string, init: RequestInit = {}): Way =>
  ({ articleId }) => ({ path: `/articles/${articleId}${rest}`, ...init })
/** A link that was made for Eve and names an article: the server never makes one of somebody else's. */
const linked =
  (path: (link: string) => string, purpose: 'watch' | 'download' | 'upload_files'): Way =>
  async ({ articleId }, world) => ({ path: path(await world.link('eve', purpose, articleId)) })
const plans = { calls_per_month: 0, calls_per_minute: 0, concurrent_operations: 0 }
const limitsOf =
  (init: RequestInit = {}): Way =>
  ({ articleId }) => ({ path: `/plans/${articleId}`, ...init })
/** Names nothing; only its answer counts. */
const plain =
  (path: string, init: RequestInit = {}): Way =>
  () => ({ path, ...init })

/** How each route is asked. HEAD is asked as its GET. */
export const routeWays: Readonly<Record<string, Way>> = {
  'GET /openapi.json': plain('/openapi.json'),
  'GET /healthz': plain('/healthz'),
  'GET /readyz': plain('/readyz'),
  'GET /.well-known/oauth-protected-resource': plain('/.well-known/oauth-protected-resource'),
  'GET /.well-known/oauth-protected-resource/mcp': plain(
    '/.well-known/oauth-protected-resource/mcp',
  ),
  'GET /mcp': plain('/mcp'),
  'POST /mcp': plain('/mcp', json('POST', {})),
  'DELETE /mcp': plain('/mcp', { method: 'DELETE' }),
  'GET /': plain('/'),
  'POST /': plain('/', { method: 'POST', ...upload }),
  'GET /upload/:token': linked((link) => link, 'upload_files'),
  'POST /upload/:token': async ({ articleId }, world) => ({
    path: await world.link('eve', 'upload_files', articleId),
    method: 'POST',
    ...upload,
  }),
  'GET /download/:token': linked((link) => link, 'download'),
  'GET /download/:token/research.json': linked((link) => `${link}/research.json`, 'download'),
  'GET /watch/:token': linked((link) => link, 'watch'),
  'GET /watch/:token/events': linked((link) => `${link}/events`, 'watch'),
  'POST /watch/:token/:action': async ({ articleId }, world) => ({
    path: `${await world.link('eve', 'watch', articleId)}/download`,
    method: 'POST',
  }),
  'POST /articles': plain('/articles', json('POST', { guideline: '# Of Eve' })),
  'GET /articles': plain('/articles'),
  'GET /articles/:article_id': article(''),
  'DELETE /articles/:article_id': article('', { method: 'DELETE' }),
  'PATCH /articles/:article_id': article('', json('PATCH', { title: 'Another' })),
  'POST /articles/:article_id/archive': article('/archive', { method: 'POST' }),
  'POST /articles/:article_id/unarchive': article('/unarchive', { method: 'POST' }),
  'GET /articles/:article_id/sources': article('/sources'),
  'GET /articles/:article_id/research.md': article('/research.md'),
  'GET /articles/:article_id/research.json': article('/research.json'),
  'GET /articles/:article_id/events': article('/events'),
  'GET /articles/:article_id/runs': article('/runs'),
  'POST /articles/:article_id/runs': article('/runs', json('POST', { rounds: 0 })),
  'GET /articles/:article_id/runs/:run_id': article('/runs/run1'),
  'POST /articles/:article_id/runs/:run_id/answer': article(
    '/runs/run1/answer',
    json('POST', { question: 1, decision: 'retry' }),
  ),
  'POST /articles/:article_id/runs/:run_id/cancel': article('/runs/run1/cancel', {
    method: 'POST',
  }),
  'POST /articles/:article_id/links': article('/links?purpose=download', { method: 'POST' }),
  'POST /articles/:article_id/links/revoke': article('/links/revoke', { method: 'POST' }),
  'POST /articles/:article_id/files': article('/files', { method: 'POST', ...upload }),
  'GET /usage': plain('/usage'),
  'GET /webhook-secret': plain('/webhook-secret'),
  'GET /analytics': plain('/analytics'),
  'GET /analytics/:token': linked((link) => link.replace('/watch/', '/analytics/'), 'watch'),
  'GET /tokens': plain('/tokens'),
  'POST /tokens': plain('/tokens', json('POST', { name: 'of Eve' })),
  'DELETE /tokens/:token_id': ({ tokenId }) => ({ path: `/tokens/${tokenId}`, method: 'DELETE' }),
  'GET /plans/:user_id': limitsOf(),
  'PUT /plans/:user_id': limitsOf(json('PUT', plans)),
}

/** The same files for everybody, and HEAD, which is answered by the GET. */
export const needsNoWay = /^(HEAD |GET \/assets\/)/
