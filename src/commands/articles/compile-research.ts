import { Refusal } from '../../errors.ts'
import {
  type ArticleEvent,
  articleStream,
  ResearchCompiled,
} from '../../events/articles/article-events.ts'
import { totalFailures } from '../../events/articles/article-operations.ts'
import type { ArticleSource, ExistingArticle } from '../../events/articles/article-state.ts'
import { isResearchCurrent } from '../../events/articles/next-step.ts'
import type { ContentRef, StoredEvent } from '../../events/define-event.ts'
import { researchCompiler, researchParts } from '../../research/compile/compile-research.ts'
import { evidenceParts } from '../../research/compile/evidence.ts'
import { joinedInSlices } from '../../research/compile/joined-in-slices.ts'
import type { ResearchInput } from '../../research/research-input.ts'
import type { Contents } from '../../store/contents/contents.ts'
import type { EventStore } from '../../store/events/event-store.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { changeArticle, loadArticle } from './article-stream.ts'
import { evidenceInput } from './research-evidence.ts'

export interface CompiledResearch {
  research: ContentRef
  evidence: ContentRef
  /** The version of the article that was compiled. */
  throughVersion: number
}

/**
 * An article that has not changed compiles to the same bytes, which are recorded once. What changed nothing
 * in them (a page that failed again) is recorded too: otherwise compiling would stay the next step for ever.
 */
export function decideCompileResearch(
  command: CompiledResearch & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const isSame = article.compiled?.research.sha256 === command.research.sha256
  if (isSame && isResearchCurrent(article)) return []
  return [
    ResearchCompiled({
      research: command.research,
      evidence: command.evidence,
      compiler: researchCompiler,
      through_version: command.throughVersion,
      compiled_at: command.now.toISOString(),
    }),
  ]
}

/** How often it is compiled anew because something came in meanwhile; then what was compiled will do. */
const attempts = 3

/** Compiles research.md from what is there now. Throws NOTHING_SUCCEEDED unless the caller says to go on. */
export async function compileResearch(
  deps: CommandDeps,
  caller: Caller,
  command: { articleId: string; despiteFailures?: boolean },
) {
  for (let attempt = 1; ; attempt++) {
    const { article, version } = await loadArticle(deps.store, caller.userId, command.articleId)
    const failed = command.despiteFailures ? [] : totalFailures(article)
    if (failed.length > 0) throw new Refusal('NOTHING_SUCCEEDED', { tools: failed.join(', ') })
    const input = await researchInput(deps.contents, caller.userId, article)
    const text = await joinedInSlices(researchParts(input))
    const research = await deps.contents.put(caller.userId, text, 'text/markdown')
    const facts = evidenceInput(
      article,
      await eventsUpTo(deps.store, caller, article, version),
      input,
      research,
    )
    const json = await joinedInSlices(evidenceParts(facts))
    const evidence = await deps.contents.put(caller.userId, json, 'application/json')
    let isLate = false
    const handled = await changeArticle(deps, caller, command.articleId, (current, now) => {
      isLate = now !== version && attempt < attempts
      if (isLate) return []
      return decideCompileResearch(
        { research, evidence, throughVersion: version, now: deps.now() },
        current,
      )
    })
    if (!isLate) return { article: handled.article, research, appended: handled.appended }
  }
}

async function eventsUpTo(
  store: EventStore,
  { userId }: Caller,
  { articleId }: ExistingArticle,
  version: number,
): Promise<(ArticleEvent & StoredEvent)[]> {
  const stored = await store.read({ userId, streamId: articleStream(articleId) })
  const events = stored as unknown as readonly (ArticleEvent & StoredEvent)[]
  return events.filter(({ streamVersion }) => streamVersion <= version)
}

/** Everything research.md is made of: the article's state and the bodies it names, nothing else. */
export async function researchInput(
  contents: Contents,
  userId: string,
  article: ExistingArticle,
): Promise<ResearchInput> {
  const bodyOf = async (ref: ContentRef | null) => (ref ? contents.text(userId, ref.sha256) : null)
  const queries = []
  for (const query of article.queries.values()) {
    queries.push({ ...query, answer: await bodyOf(query.answer) })
  }
  const sources = []
  const tooMuch = sourcesLeftOut(article)
  for (const source of article.sources.values()) {
    sources.push({
      ...source,
      markdown: tooMuch.has(source.number)
        ? `*Left out here: with its ${source.markdown?.size} bytes this file would be too large.*`
        : await bodyOf(isRejected(source) ? null : source.markdown),
      sha256: (source.snapshot ?? source.markdown)?.sha256 ?? null,
    })
  }
  const guideline = await bodyOf(article.guideline)
  return { title: article.title, createdAt: article.createdAt, guideline, queries, sources }
}

/** Bytes of sources in one research.md. All of them are in memory at once, several times over. */
export const researchBytesMax = 32 * 1024 * 1024

/** The largest sources, when all would be too much: known from the events, so that replay agrees. */
function sourcesLeftOut(article: ExistingArticle): Set<number> {
  const sizes = [...article.sources.values()]
    .filter((source) => !isRejected(source))
    .map((source) => ({ number: source.number, size: source.markdown?.size ?? 0 }))
    .toSorted((a, b) => a.size - b.size || a.number - b.number)
  let total = 0
  const over = sizes.filter(({ size }) => {
    total += size
    return total > researchBytesMax
  })
  return new Set(over.map(({ number }) => number))
}

const isRejected = (source: ArticleSource): boolean => source.decision?.keep === false
