import { loadArticle } from '../../commands/articles/article-stream.ts'
import type { Scope } from '../../events/people/token-events.ts'
import { usageMonth } from '../../events/usage/usage-events.ts'
import { listRecentFiles } from '../../projections/articles/article-sources.ts'
import { listArticles } from '../../projections/articles/articles.ts'
import { readAnalytics } from '../../projections/usage/analytics.ts'
import { clipGraphemes, visibleText, visibleValue } from '../../visible-text.ts'
import { sourceView, untrusted } from '../protocol/answer-parts.ts'
import { readableText } from '../protocol/readable-text.ts'
import type { McpDeps } from '../protocol/tool-context.ts'
import { articleView } from '../tools/research/list-articles.ts'
import { serviceStatus } from './service-status.ts'

/** A resource as data and function. `{id}` in the address makes it a template of the caller's articles. */
export interface Resource {
  name: string
  uri: string
  title: string
  description: string
  mimeType: 'text/markdown' | 'application/json'
  /** Default: nova:read. An administrator's is listed for administrators only. */
  scope?: Scope
  read(deps: McpDeps, userId: string, articleId: string): Promise<string>
}

const recent = 5
/** Beyond this a host would drown; read_research reads longer texts in parts. */
const resourceCharsMax = 400_000

const sourcesMax = 500

/** Everything here is also given by a tool, since several hosts show no resources. */
export const resources: readonly Resource[] = [
  {
    name: 'recent_articles',
    uri: 'nova://articles/recent',
    title: 'Your latest articles',
    description: 'As list_articles gives them.',
    mimeType: 'application/json',
    async read(deps, userId) {
      const rows = await listArticles(deps.reader, userId, { limit: recent })
      return json({ articles: rows.map(articleView) })
    },
  },
  {
    name: 'recent_files',
    uri: 'nova://files/recent',
    title: 'Your latest uploaded files',
    description: 'As list_articles gives them.',
    mimeType: 'application/json',
    async read(deps, userId) {
      return json({ files: await listRecentFiles(deps.reader, userId, recent) })
    },
  },
  {
    name: 'status',
    uri: 'nova://status',
    title: 'How the service is',
    description: 'As account_usage gives it.',
    mimeType: 'application/json',
    read: async (deps) => json(await serviceStatus(deps)),
  },
  {
    name: 'analytics',
    uri: 'nova://admin/analytics',
    title: 'Usage over all users this month',
    description: 'As read_analytics gives it.',
    mimeType: 'application/json',
    scope: 'nova:admin',
    read: async (deps) =>
      json(await readAnalytics(deps.analytics, usageMonth(deps.now()), deps.limits.callsPerMonth)),
  },
  {
    name: 'research',
    uri: 'nova://articles/{id}/research.md',
    title: 'The research of an article',
    description: 'As read_research gives it.',
    mimeType: 'text/markdown',
    async read(deps, userId, articleId) {
      const { article } = await loadArticle(deps.store, userId, articleId)
      const { text } = await readableText(deps.contents, userId, article, {})
      return bounded(untrusted('research.md', text))
    },
  },
  {
    name: 'evidence',
    uri: 'nova://articles/{id}/research.json',
    title: 'The evidence for the research of an article',
    description: 'As read_research gives it with evidence.',
    mimeType: 'application/json',
    async read(deps, userId, articleId) {
      const { article } = await loadArticle(deps.store, userId, articleId)
      const { text } = await readableText(deps.contents, userId, article, { evidence: true })
      return bounded(text)
    },
  },
  {
    name: 'guideline',
    uri: 'nova://articles/{id}/guideline.md',
    title: 'The guideline of an article',
    description: 'The guideline as you gave it.',
    mimeType: 'text/markdown',
    async read(deps, userId, articleId) {
      const { article } = await loadArticle(deps.store, userId, articleId)
      return bounded(await deps.contents.text(userId, article.guideline.sha256))
    },
  },
  {
    name: 'sources',
    uri: 'nova://articles/{id}/sources',
    title: 'The sources of an article',
    description: 'As get_article gives them. Titles are untrusted.',
    mimeType: 'application/json',
    async read(deps, userId, articleId) {
      const { article } = await loadArticle(deps.store, userId, articleId)
      const sources = [...article.sources.values()]
      return json({
        total: sources.length,
        sources: sources.slice(0, sourcesMax).map(sourceView),
      })
    },
  },
]

const completionsMax = 50

/** Ids of the caller's latest articles that begin as typed. */
export async function completeArticleId(
  deps: McpDeps,
  userId: string,
  typed: string,
): Promise<string[]> {
  const rows = await listArticles(deps.reader, userId, { limit: completionsMax })
  return rows.map((row) => row.article_id).filter((id) => id.startsWith(typed.toLowerCase()))
}

const json = (value: object): string => JSON.stringify(visibleValue(value), null, 2)

function bounded(words: string): string {
  const text = visibleText(words)
  return text.length <= resourceCharsMax
    ? text
    : `${clipGraphemes(text, resourceCharsMax)}\n\n[cut here; read_research reads the rest in parts]`
}
