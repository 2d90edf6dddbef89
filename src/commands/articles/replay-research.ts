import { createHash } from 'node:crypto'
import { Refusal } from '../../errors.ts'
import { foldArticle } from '../../events/articles/article.ts'
import { type ArticleEvent, articleStream } from '../../events/articles/article-events.ts'
import { type ExistingArticle, initialArticle } from '../../events/articles/article-state.ts'
import type { StoredEvent } from '../../events/define-event.ts'
import {
  compileResearch as compile,
  researchCompiler,
} from '../../research/compile/compile-research.ts'
import { evidenceParts } from '../../research/compile/evidence.ts'
import type { Contents } from '../../store/contents/contents.ts'
import type { CommandDeps } from '../handle.ts'
import { loadArticle } from './article-stream.ts'
import { researchInput } from './compile-research.ts'
import { evidenceInput } from './research-evidence.ts'

export interface ReplayedResearch {
  title: string
  /** research.md as compiled anew. */
  text: string
  sha256: string
  /** research.json as made anew; recorded is null for what was compiled before there was one. */
  evidence: { sha256: string; recorded: string | null }
  recorded: { sha256: string; throughVersion: number; at: string }
  identical: boolean
  /** Hashes of bodies that are missing, or whose bytes no longer have the hash their event recorded. */
  altered: string[]
  compiler: { recorded: string; now: string }
}

/**
 * Compiles research.md and its evidence once more from the events up to the recorded version and the bodies they name, and
 * compares it with what was recorded. Reads only; nothing outside of the database can change the result.
 * Throws ARTICLE_NOT_FOUND and RESEARCH_NOT_COMPILED.
 */
export async function replayResearch(
  deps: Pick<CommandDeps, 'store' | 'contents'>,
  userId: string,
  command: { articleId: string },
): Promise<ReplayedResearch> {
  const { article } = await loadArticle(deps.store, userId, command.articleId)
  const { compiled } = article
  if (!compiled) throw new Refusal('RESEARCH_NOT_COMPILED')
  const { throughVersion } = compiled
  const { past, events, compiler } = await articleAt(
    deps,
    userId,
    article.articleId,
    throughVersion,
  )
  const altered = new Set<string>()
  const contents = checkedContents(deps.contents, altered)
  const input = await researchInput(contents, userId, past)
  const text = compile(input)
  // The recorded document is evidence too: a download sends its bytes, not those compiled here.
  await contents.text(userId, compiled.research.sha256)
  if (compiled.evidence) await contents.text(userId, compiled.evidence.sha256)
  const bytes = Buffer.from(text, 'utf8')
  const sha256 = sha256Of(bytes)
  const facts = evidenceInput(past, events, input, { sha256, size: bytes.byteLength })
  const evidence = {
    sha256: sha256Of(Buffer.from([...evidenceParts(facts)].join(''), 'utf8')),
    recorded: compiled.evidence?.sha256 ?? null,
  }
  const isSame = evidence.recorded === null || evidence.recorded === evidence.sha256
  return {
    title: past.title,
    text,
    sha256,
    evidence,
    recorded: { sha256: compiled.research.sha256, throughVersion, at: compiled.at },
    identical: sha256 === compiled.research.sha256 && isSame && altered.size === 0,
    altered: [...altered],
    compiler: { recorded: compiler, now: researchCompiler },
  }
}

/** The article as it was at a version, and the compiler of the last recorded compilation. */
async function articleAt(
  { store }: Pick<CommandDeps, 'store'>,
  userId: string,
  articleId: string,
  version: number,
): Promise<{ past: ExistingArticle; events: (ArticleEvent & StoredEvent)[]; compiler: string }> {
  const stored = await store.read({ userId, streamId: articleStream(articleId) })
  const before = (stored as unknown as readonly (ArticleEvent & StoredEvent)[]).filter(
    ({ streamVersion }) => streamVersion <= version,
  )
  const past = foldArticle(initialArticle, before)
  if (past.status === 'absent') throw new Refusal('ARTICLE_NOT_FOUND')
  const last = (stored as unknown as readonly ArticleEvent[]).findLast(
    (event) => event.type === 'ResearchCompiled',
  )
  return { past, events: before, compiler: last?.data.compiler ?? '' }
}

/** Contents that notice bodies which are not what their hash says; a missing one reads as empty. */
function checkedContents(contents: Contents, altered: Set<string>): Contents {
  const get = async (userId: string, sha256: string): Promise<Uint8Array> => {
    const bytes = await contents.get(userId, sha256).catch((error: unknown) => {
      if (error instanceof Error && error.message === `content ${sha256} is missing`) return null
      throw error
    })
    if (!bytes || sha256Of(bytes) !== sha256) altered.add(sha256)
    return bytes ?? new Uint8Array()
  }
  return {
    put: contents.put,
    kept: contents.kept,
    get,
    text: async (userId, sha256) => new TextDecoder().decode(await get(userId, sha256)),
  }
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
