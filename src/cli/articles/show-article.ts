import { loadArticle } from '../../commands/articles/article-stream.ts'
import { latestRun } from '../../commands/runs/research-run.ts'
import { runView } from '../../commands/runs/run-view.ts'
import type { ArticleSource } from '../../events/articles/article-state.ts'
import type { CliCall } from '../command.ts'
import { openStore } from '../setup/open-store.ts'
import { oneLine } from '../terminal/terminal.ts'

/** `nova articles show`: where an article stands, its newest run with what it asks, and each source. Throws ARTICLE_NOT_FOUND. */
export async function showArticle(
  call: CliCall,
  userId: string,
  articleId: string,
): Promise<number> {
  await using store = await openStore(call.settings())
  const { article } = await loadArticle(store.deps.store, userId, articleId)
  const { print, paint } = call.terminal
  const row = (name: string, value: string) => print(`  ${name.padEnd(13)}${value}`)
  print(paint('bold', oneLine(article.title)))
  row('Id', article.articleId)
  row('Status', article.archived ? `${article.status}, archived` : article.status)
  row('Created', article.createdAt)
  row('Rounds', String(article.rounds))
  const { research } = article.compiled ?? {}
  row('research.md', research ? `${research.size} bytes, SHA-256 ${research.sha256}` : 'none yet')
  const run = latestRun(article)
  if (run) {
    const { status, question, calls } = runView(article, run, store.deps.now())
    row('Run', `${run.id}: ${status} after ${calls} calls`)
    if (question) row('', `${question.text} Choices: ${question.choices.join(', ')}.`)
  }
  const sources = [...article.sources.values()].sort((a, b) => a.number - b.number)
  row('Sources', String(sources.length))
  for (const source of sources) {
    print(`  ${String(source.number).padStart(4)}. ${oneLine(source.url, 90)}  ${stateOf(source)}`)
  }
  return 0
}

function stateOf({ state, failure, decision, rank }: ArticleSource): string {
  const detail = failure?.detail ? ` (${oneLine(failure.detail, 80)})` : ''
  const read = failure ? `failed: ${failure.reason}${detail}` : state
  const judged = decision && (decision.keep ? 'kept' : 'rejected')
  return [read, judged, rank === 'golden' && 'golden'].filter(Boolean).join(', ')
}
