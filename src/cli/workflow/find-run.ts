import { setTimeout as delay } from 'node:timers/promises'
import type { z } from 'zod'
import { Refusal } from '../../errors.ts'
import type { ToolCaller } from './connect-mcp.ts'
import { listAnswer } from './tool-answers.ts'

const pagesMax = 20
/** The list is a read model: a server that has just started may not have caught up with its own past. */
const pausesMs = [0, 300, 1500]

type Found = z.infer<typeof listAnswer>['articles'][number]

/**
 * The newest article of this guideline that is not archived. Its run may have ended since the terminal was left, so a
 * finished one counts: an older unfinished one is not what was left last. Throws RUN_NOT_FOUND.
 */
export async function findRun(nova: ToolCaller, guidelineSha256: string): Promise<Found> {
  for (const pauseMs of pausesMs) {
    await delay(pauseMs)
    const found = await searchArticles(nova, guidelineSha256)
    if (found) return found
  }
  throw new Refusal('RUN_NOT_FOUND')
}

async function searchArticles(nova: ToolCaller, sha256: string): Promise<Found | undefined> {
  let cursor: string | null = null
  for (let page = 0; page < pagesMax; page += 1) {
    const args: Record<string, unknown> = { limit: 50, ...(cursor && { cursor }) }
    const { articles, next_cursor } = await nova.call('list_articles', args, listAnswer)
    const found = articles.find(
      (article) => article.guideline_sha256 === sha256 && !article.archived,
    )
    if (found) return found
    if (!next_cursor) return undefined
    cursor = next_cursor
  }
  return undefined
}
