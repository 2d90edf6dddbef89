import { randomUUID } from 'node:crypto'
import {
  ArticleArchived,
  ArticleCreated,
  articleStream,
  LocalFileUploaded,
} from '../../src/events/articles/article-events.ts'
import type { Contents } from '../../src/store/contents/contents.ts'
import type { Database } from '../../src/store/database/database.ts'
import { appendAt } from './old-usage.ts'

/** An article of the past: begun in the first month, a file uploaded in each one, closed in the last. */
export async function appendOldArticle(
  w: { database: Database; deps: { contents: Contents } },
  userId: string,
  months: readonly string[],
): Promise<{ articleId: string; stream: { userId: string; streamId: string } }> {
  const articleId = randomUUID()
  const streamId = articleStream(articleId)
  const put = (text: string) => w.deps.contents.put(userId, text, 'text/markdown')
  const append = (event: { type: string; data: unknown }, at: string) =>
    appendAt(w.database, userId, streamId, event.type, at, event.data as object)
  const created_at = `${months[0]}-05T10:00:00.000Z`
  const guideline = await put(`# Article ${articleId}`)
  for (const [n, month] of months.entries()) {
    await w.database.owner.query('select nova.create_event_month($1::date)', [`${month}-01`])
    if (n === 0) {
      const article = { article_id: articleId, title: 'Old', guideline, created_at }
      await append(ArticleCreated(article), created_at)
    }
    const at = `${month}-06T10:00:00.000Z`
    const body = await put(`File of ${month}`)
    const file = { name: `${month}.md`, original: body, markdown: body, uploaded_at: at }
    await append(LocalFileUploaded({ source: n + 1, ...file }), at)
  }
  const end = `${months.at(-1)}-07T10:00:00.000Z`
  await append(ArticleArchived({ archived_at: end }), end)
  return { articleId, stream: { userId, streamId } }
}
