import { recordFailed, recordScraped } from '../../commands/articles/record-source.ts'
import type { CommandDeps } from '../../commands/handle.ts'
import type { Log } from '../../log.ts'
import { cleanMarkdown } from '../../research/cleaning/clean-markdown.ts'
import type { LanguageModelPort } from '../../research/models/model-port.ts'
import { onBehalfOf } from '../../sources/extraction/process/extraction-share.ts'
import type { GatheredSource, GatherSource } from '../../sources/source.ts'
import { SourceFailure } from '../../sources/source-failure.ts'
import { isOfStore, isStorageFull } from '../queue/store-refusal.ts'
import type { ItemContext, WorkItem } from './run-operation.ts'

export interface WorkSourceDeps extends CommandDeps {
  gather: GatherSource
  /** Removes boilerplate from pages; null when the operator did not ask for it. */
  cleaner: LanguageModelPort | null
  log: Log
}

/** Reads one source and records it. No database connection is held while the network is waited for. */
export const workSource =
  (deps: WorkSourceDeps): WorkItem =>
  async (context, number) => {
    const { caller, articleId, operationId, article, inTurn } = context
    const source = article.sources.get(number)
    if (!source || source.kind === 'file') return article
    const outcome = { operationId, source: number, url: source.url }
    try {
      const { url, kind } = source
      const gathered = await onBehalfOf(caller.userId, () =>
        deps.gather({ url, kind, signal: context.signal }),
      )
      const cleaned = await clean(deps, context, source.kind, gathered)
      const { snapshot } = gathered
      const scraped = {
        ...outcome,
        gathered: { ...gathered, notes: [...gathered.notes, ...cleaned.notes] },
        markdown: await deps.contents.put(caller.userId, cleaned.markdown, 'text/markdown'),
        snapshot:
          snapshot && (await deps.contents.put(caller.userId, snapshot.bytes, snapshot.mediaType)),
        cleanedBy: cleaned.by,
      }
      return (await inTurn(() => recordScraped(deps, caller, articleId, scraped))).article
    } catch (error) {
      context.signal.throwIfAborted()
      // The store's, not the source's: the job is tried again, and the item is not to blame.
      if (isOfStore(error)) throw error
      const failed = { ...outcome, failure: asFailure(error, deps.log) }
      return (await inTurn(() => recordFailed(deps, caller, articleId, failed))).article
    }
  }

async function clean(
  deps: WorkSourceDeps,
  { article, caller, signal }: ItemContext,
  kind: string,
  gathered: GatheredSource,
): Promise<{ markdown: string; by: string | null; notes: string[] }> {
  if (!deps.cleaner || kind !== 'web') return { markdown: gathered.markdown, by: null, notes: [] }
  const guidelineText = await deps.contents.text(caller.userId, article.guideline.sha256)
  const cleaned = await cleanMarkdown(gathered.markdown, { guidelineText, signal }, deps.cleaner)
  const by = cleaned.removedChars > 0 ? deps.cleaner.name : null
  return { markdown: cleaned.markdown, by, notes: cleaned.note ? [cleaned.note] : [] }
}

/** A bug in an adapter costs its source only; it is logged, and the source says that it failed. */
function asFailure(error: unknown, log: Log): SourceFailure {
  if (error instanceof SourceFailure) return error
  if (isStorageFull(error)) return new SourceFailure('STORAGE_FULL', undefined, { cause: error })
  log.error({ err: error }, 'source adapter failed unexpectedly')
  return new SourceFailure('EXTRACTION_FAILED', 'internal error', { cause: error })
}
