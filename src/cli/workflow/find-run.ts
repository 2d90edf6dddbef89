import { Refusal } from '../../errors.ts'
import type { ToolCaller } from './connect-mcp.ts'
import { listAnswer } from './tool-answers.ts'

const pagesMax = 20

/** The newest article of this guideline whose research.md is not ready. Throws RUN_NOT_FOUND. */
export async function findRun(nova: ToolCaller, guidelineSha256: string): Promise<string> {
  let cursor: string | null = null
  for (let page = 0; page < pagesMax; page += 1) {
    const args: Record<string, unknown> = { limit: 50, ...(cursor && { cursor }) }
    const { articles, next_cursor } = await nova.call('list_articles', args, listAnswer)
    const found = articles.find(
      (article) => article.guideline_sha256 === guidelineSha256 && article.status !== 'completed',
    )
    if (found) return found.article_id
    if (!next_cursor) break
    cursor = next_cursor
  }
  throw new Refusal('RUN_NOT_FOUND')
}
