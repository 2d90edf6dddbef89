import { Refusal } from '../../errors.ts'
import {
  type ArticleEvent,
  articleStream,
  LocalFileUploaded,
} from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { ContentRef, StoredEvent } from '../../events/define-event.ts'
import { onBehalfOf } from '../../sources/extraction/process/extraction-share.ts'
import { readLocalFile } from '../../sources/files/local-file.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { changeArticle, nextSourceNumber } from './article-stream.ts'

export const localFileBytesMax = 10 * 1024 * 1024
export const localFilesMax = 50

export interface StoredFile {
  name: string
  original: ContentRef
  markdown: ContentRef
}

/** A file of the same name replaces the earlier one under the same number; the same bytes add nothing. */
export function decideUploadLocalFiles(
  command: { files: StoredFile[]; now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  let next = nextSourceNumber(article)
  const known = new Map(
    [...article.sources.values()]
      .filter((source) => source.origin === 'file')
      .map((source) => [source.url, source] as const),
  )
  const latest = new Map(command.files.map((file) => [file.name, file]))
  return [...latest.values()].flatMap((file) => {
    const before = known.get(file.name)
    if (before?.snapshot?.sha256 === file.original.sha256) return []
    return [
      LocalFileUploaded({
        source: before?.number ?? next++,
        name: file.name,
        original: file.original,
        markdown: file.markdown,
        uploaded_at: command.now.toISOString(),
      }),
    ]
  })
}

/** Takes all files or none: one that cannot be read refuses the whole request. */
export async function uploadLocalFiles(
  deps: CommandDeps,
  caller: Caller,
  command: { articleId: string; files: { name: string; bytes: Uint8Array }[] },
) {
  if (command.files.length === 0) throw new Refusal('FILES_MISSING')
  if (command.files.length > localFilesMax) {
    throw new Refusal('FILES_TOO_MANY', { max: localFilesMax })
  }
  const read = await Promise.all(
    command.files.map(async (file) => ({
      ...(await onBehalfOf(caller.userId, () =>
        readLocalFile({ ...file, maxBytes: localFileBytesMax }, deps),
      )),
      bytes: file.bytes,
    })),
  )
  // Decided once without bodies, so that an unknown or archived article stores nothing.
  await changeArticle(deps, caller, command.articleId, () => [])
  const files: StoredFile[] = []
  for (const file of read) {
    files.push({
      name: file.name,
      original: await deps.contents.put(caller.userId, file.bytes, file.mediaType),
      markdown: await deps.contents.put(caller.userId, file.markdown, 'text/markdown'),
    })
  }
  const handled = await changeArticle(deps, caller, command.articleId, (article) =>
    decideUploadLocalFiles({ files, now: deps.now() }, article),
  )
  return { ...handled, files: files.map(({ name, original }) => ({ name, size: original.size })) }
}

/** The files that an upload brought, by the id that its sender gave it. */
export async function filesOfUpload(
  { store }: Pick<CommandDeps, 'store'>,
  userId: string,
  { articleId, uploadId }: { articleId: string; uploadId: string },
): Promise<{ name: string; size: number }[]> {
  const stored = await store.read({ userId, streamId: articleStream(articleId) })
  return (stored as unknown as readonly (ArticleEvent & StoredEvent)[]).flatMap((event) =>
    event.type === 'LocalFileUploaded' && event.metadata.correlation_id === uploadId
      ? [{ name: event.data.name, size: event.data.original.size }]
      : [],
  )
}

/** Files that the guideline names and that are not uploaded yet. */
export function missingFiles(article: ExistingArticle): string[] {
  const uploaded = new Set(
    [...article.sources.values()]
      .filter((source) => source.origin === 'file')
      .map((source) => source.url.toLowerCase()),
  )
  return article.expectedFiles.filter((name) => !uploaded.has(name.toLowerCase()))
}
