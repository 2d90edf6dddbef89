import { listArticles as listRows } from '../../projections/articles/articles.ts'
import type { CliCall } from '../command.ts'
import { openStore } from '../setup/open-store.ts'
import { numberOption } from '../terminal/number-option.ts'
import { table } from '../terminal/table.ts'
import { oneLine } from '../terminal/terminal.ts'

/** `nova articles list`: the user's articles with their ids, newest first. */
export async function listArticles(call: CliCall, userId: string): Promise<number> {
  const limit = numberOption(call, 'limit', { min: 1, max: 1000 }) ?? 50
  await using store = await openStore(call.settings())
  for (const name of ['articles', 'article_sources']) await store.project(name)
  const rows = await listRows(store.deps.reader, userId, { limit })
  const { print } = call.terminal
  if (rows.length === 0) {
    print(`No articles of ${userId}; --user names somebody else.`)
    return 0
  }
  const headings = ['article id', 'title', 'status', 'read', 'failed', 'created']
  const cells = rows.map((row) => [
    row.article_id,
    oneLine(row.title, 50),
    row.archived_at ? `${row.status}, archived` : row.status,
    String(row.sources.scraped),
    String(row.sources.failed),
    row.created_at.toISOString().slice(0, 10),
  ])
  for (const line of table(headings, cells)) print(line)
  return 0
}
