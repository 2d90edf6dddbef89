import type { Caller } from '../commands/handle.ts'
import type { ArticleSource, ExistingArticle } from '../events/articles/article-state.ts'
import type { SourceCheck } from '../sources/check-source.ts'
import { type CliCall, type CliCommand, Stopped, UsageError } from './command.ts'
import type { Store } from './setup/open-store.ts'
import { oneLine, type Terminal } from './terminal/terminal.ts'
import { unifiedDiff } from './terminal/unified-diff.ts'

const atOnce = 6
const diffLinesMax = 40

/** Whether the sources of an article still say what was read. */
export const sources: CliCommand = {
  name: 'sources',
  usage: 'check ARTICLE [--user USER]',
  summary: 'Ask the sources of an article whether they still say what was read',
  details: [
    'Each page, repository and video that was read is asked again, conditionally when it named a version,',
    'and the answer is recorded: unchanged, changed (with the difference), gone, or unreachable. Uploaded',
    'files cannot be asked. research.md stays as it is. Exit code 1 when a source changed or is gone.',
  ],
  positionals: { min: 2, max: 2 },
  options: {
    user: { type: 'string', value: 'USER', help: 'Whose article; default: local' },
  },
  async run(call) {
    const [action, articleId = ''] = call.positionals
    if (action !== 'check') throw new UsageError('nova sources takes `check` and an article id.')
    return await check(call, articleId)
  },
}

async function check(call: CliCall, articleId: string): Promise<number> {
  const [{ openStore }, { composeOutside }, { loadArticle }, { checkableSources }] =
    await Promise.all([
      import('./setup/open-store.ts'),
      import('../compose/compose-research.ts'),
      import('../commands/articles/article-stream.ts'),
      import('../commands/articles/record-check.ts'),
    ])
  const settings = call.settings()
  const userId = call.option('user') ?? 'local'
  await using open = await openStore(settings)
  const { article } = await loadArticle(open.deps.store, userId, articleId)
  const outside = composeOutside(settings)
  try {
    const read = checkableSources(article)
    const asked = read.filter(({ obstacle }) => obstacle === null).map(({ source }) => source)
    const outcomes = await checkAll(call, { open, outside, article, userId }, asked)
    for (const { source, obstacle } of read) {
      if (obstacle !== null) printObstacle(call.terminal, source, obstacle)
    }
    printSummary(call.terminal, outcomes)
    return outcomes.some((outcome) => outcome === 'changed' || outcome === 'gone') ? 1 : 0
  } catch (error) {
    if (call.stopping.aborted) throw new Stopped('What was asked by then is recorded.')
    throw error
  } finally {
    await outside.close()
  }
}

interface World {
  open: Store
  outside: Parameters<typeof import('../sources/check-source.ts').checkSource>[0]
  article: ExistingArticle
  userId: string
}

async function checkAll(call: CliCall, world: World, asked: readonly ArticleSource[]) {
  const { recordCheck } = await import('../commands/articles/record-check.ts')
  const { deps } = world.open
  const caller: Caller = { userId: world.userId, metadata: { actor: 'user', client: 'nova cli' } }
  const outcomes: SourceCheck['outcome'][] = []
  const open = [...asked]
  const work = async () => {
    for (let source = open.shift(); source; source = open.shift()) {
      const { before, answer } = await ask(world, source, call.stopping)
      await recordCheck(deps, caller, world.article.articleId, {
        source: source.number,
        outcome: answer.outcome,
        sha256: answer.sha256,
      })
      outcomes.push(answer.outcome)
      printAnswer(call.terminal, source, answer, before)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, asked.length) }, work))
  return outcomes
}

async function ask({ open, outside, userId }: World, source: ArticleSource, signal: AbortSignal) {
  const { checkSource } = await import('../sources/check-source.ts')
  const before = await open.deps.contents.text(userId, source.markdown?.sha256 ?? '')
  const known = {
    kind: source.kind === 'file' ? ('web' as const) : source.kind,
    url: source.url,
    revision: source.revision,
    snapshotSha256: source.snapshot?.sha256 ?? null,
    markdown: before,
    isCleaned: source.cleanedBy !== null,
  }
  return { before, answer: await checkSource(outside, known, signal) }
}

const colours = { unchanged: 'dim', changed: 'yellow', gone: 'red', unreachable: 'yellow' } as const

function printAnswer(
  { print, paint }: Terminal,
  source: ArticleSource,
  answer: SourceCheck,
  before: string,
): void {
  const why = 'reason' in answer ? `  ${answer.reason}` : ''
  print(`${paint(colours[answer.outcome], answer.outcome.padEnd(11))} ${nameOf(source)}${why}`)
  if (answer.outcome !== 'changed') return
  const lines = unifiedDiff(before, answer.markdown)
  for (const line of lines.slice(0, diffLinesMax)) print(`    ${paintLine(paint, line)}`)
  if (lines.length > diffLinesMax) print(`    … ${lines.length - diffLinesMax} more lines`)
}

const nameOf = (source: ArticleSource): string => `[${source.number}] ${oneLine(source.url, 120)}`

function printObstacle({ print, paint }: Terminal, source: ArticleSource, why: string): void {
  print(`${paint('dim', 'not asked'.padEnd(11))} ${nameOf(source)}  ${why}`)
}

function paintLine(paint: Terminal['paint'], line: string): string {
  const text = line.charAt(0) + oneLine(line.slice(1), 160)
  if (line.startsWith('@')) return paint('cyan', oneLine(line))
  if (line.startsWith('+')) return paint('green', text)
  return line.startsWith('-') ? paint('red', text) : text
}

function printSummary({ print }: Terminal, outcomes: readonly SourceCheck['outcome'][]): void {
  const counts = (Object.keys(colours) as (keyof typeof colours)[])
    .map((name) => [outcomes.filter((outcome) => outcome === name).length, name] as const)
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}`)
  const asked = `${outcomes.length} ${outcomes.length === 1 ? 'source' : 'sources'}`
  print(counts.length > 0 ? `${asked}: ${counts.join(', ')}` : 'No source could be asked.')
}
