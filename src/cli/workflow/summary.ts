import { oneLine, type Terminal } from '../terminal/terminal.ts'
import type { ToolCaller } from './connect-mcp.ts'
import { type ArticleAnswer, articleAnswer, usageAnswer } from './tool-answers.ts'

type Source = ArticleAnswer['sources'][number]

export interface Summary {
  title: string
  rounds: number
  sources: readonly Source[]
  callsUsed: number
  callLimit: number | null
}

/** Asks the server what the run came to, as any client can. */
export async function readSummary(nova: ToolCaller, articleId: string): Promise<Summary> {
  const sources: Source[] = []
  let cursor: string | null = null
  for (;;) {
    const args: Record<string, unknown> = {
      article_id: articleId,
      limit: 80,
      ...(cursor && { cursor }),
    }
    const page: ArticleAnswer = await nova.call('get_article', args, articleAnswer)
    sources.push(...page.sources)
    cursor = page.next_cursor
    if (!cursor) {
      const usage = await nova.call('account_usage', {}, usageAnswer)
      const { title, rounds } = page
      return { title, rounds, sources, callsUsed: usage.used, callLimit: usage.limit }
    }
  }
}

const kinds = {
  web: 'web pages',
  github: 'GitHub',
  youtube: 'YouTube',
  file: 'local files',
} as const

/** Sources by kind, failures with their reasons, and what it took. */
export function printSummary(
  { print, paint }: Terminal,
  summary: Summary,
  made: { path: string; bytes: number; seconds: number },
): void {
  const { sources } = summary
  const read = sources.filter((source) => source.state === 'scraped')
  const failed = sources.filter((source) => source.state === 'failed')
  const found = sources.filter((source) => source.origin === 'research')
  const kept = found.filter((source) => source.decision === 'kept')
  const byKind = Object.entries(kinds).flatMap(([kind, name]) => {
    const count = read.filter((source) => source.kind === kind).length
    return count ? [`${count} ${name}`] : []
  })
  const row = (name: string, value: string) => print(`  ${name.padEnd(11)}${value}`)
  print()
  print(`${paint('green', '✓')} ${paint('bold', made.path)}  ${oneLine(summary.title)}`)
  row('Read', `${read.length} sources: ${byKind.join(', ') || 'none'}`)
  row('Research', `${summary.rounds} rounds, ${found.length} pages found, ${kept.length} kept`)
  row('Size', `${made.bytes} bytes`)
  row('Time', `${made.seconds.toFixed(1)} s`)
  row('Tool calls', `${summary.callsUsed} of ${summary.callLimit ?? 'unlimited'} this month`)
  if (failed.length === 0) return
  row('Failed', `${failed.length}, each with its reason in research.md`)
  for (const source of failed) {
    print(
      `    ${paint('red', '✗')} ${oneLine(source.url, 90)}  ${paint('dim', oneLine(source.failure ?? ''))}`,
    )
  }
}
