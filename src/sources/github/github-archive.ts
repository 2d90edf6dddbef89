import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { visibleLine } from '../../visible-text.ts'
import {
  NotebookInvalid,
  type ReadNotebook,
  readPlainNotebook,
  shortNotebookChars,
} from '../files/notebook.ts'
import { readableFile } from '../files/source-file-markdown.ts'
import { sourceText } from '../files/source-text.ts'
import { SourceFailure } from '../source-failure.ts'
import { type ArchiveFile, withinBudget } from './github-budget.ts'
import { isExcludedPath, type LeftOutReason, safePath } from './github-left-out.ts'
import { gunzippedStream } from './gunzipped-stream.ts'

export interface ArchiveLimits {
  /** Characters of all shown files, and of one. */
  totalChars: number
  fileChars: number
  fileBytes: number
  entries: number
  unpackedBytes: number
}

export const archiveLimits: ArchiveLimits = {
  totalChars: 600_000,
  fileChars: 200_000,
  fileBytes: 2 * 2 ** 20,
  entries: 20_000,
  unpackedBytes: 400 * 2 ** 20,
}

const notebooksMax = 40

export interface ArchiveDigest {
  commit: string | null
  files: ArchiveFile[]
  /** Every path seen, with the target of a link. */
  tree: Map<string, string>
  leftOut: Map<LeftOutReason, string[]>
  /** Set when a limit ended the reading before the archive did. */
  stoppedAt: 'entries' | 'size' | null
}

/**
 * Reads a repository's tar.gz as it arrives. Nothing touches the disk and no link is followed, so a name can
 * do no more than be shown. Memory is bounded by the budget, not by the archive.
 */
export async function readArchive(
  archive: ReadableStream<Uint8Array>,
  folder: string,
  limits: ArchiveLimits,
  readNotebook: ReadNotebook = readPlainNotebook,
): Promise<ArchiveDigest> {
  const digest: ArchiveDigest = {
    commit: null,
    files: [],
    tree: new Map(),
    leftOut: new Map(),
    stoppedAt: null,
  }
  const reading = { folder, digest, limits, readNotebook: atMost(notebooksMax, readNotebook) }
  const budget = withinBudget(limits.totalChars)
  const unpacked = gunzippedStream(archive, limits.unpackedBytes)
  let entries = 0
  try {
    for await (const entry of unpacked.stream.pipeThrough(createTarDecoder())) {
      entries += 1
      if (entries > limits.entries) {
        digest.stoppedAt = 'entries'
        break
      }
      digest.commit ??= commitOf(entry)
      const file = await readEntry(entry, reading)
      if (file) budget.add(file)
      else if (!entry.body.locked) await entry.body.cancel()
    }
  } catch (cause) {
    if (cause instanceof SourceFailure) throw cause
    if (!unpacked.isOverLimit()) {
      throw new SourceFailure('EXTRACTION_FAILED', 'the archive is broken', { cause })
    }
    digest.stoppedAt = 'size'
  }
  const { kept, dropped } = budget.settle()
  for (const path of dropped) leaveOut(digest, path, 'over the budget')
  return { ...digest, files: kept }
}

interface Reading {
  folder: string
  digest: ArchiveDigest
  limits: ArchiveLimits
  readNotebook: ReadNotebook
}

/** A repository of a thousand notebooks must not keep the converters from everybody else's pages. */
function atMost(times: number, readNotebook: ReadNotebook): ReadNotebook {
  let left = times
  return async (source) => {
    left -= 1
    if (left >= 0) return await readNotebook(source)
    if (source.length <= shortNotebookChars) return await readPlainNotebook(source)
    throw new NotebookInvalid('one notebook too many')
  }
}

async function readEntry(
  { header, body }: ParsedTarEntry,
  { folder, digest, limits, readNotebook }: Reading,
): Promise<ArchiveFile | null> {
  if (header.type === 'directory' || header.name.endsWith('/')) return null
  const path = safePath(header.name)
  if (path === null) return leaveOut(digest, '(not shown)', 'unsafe name')
  if (folder !== '' && path !== folder && !path.startsWith(`${folder}/`)) return null
  if (header.type === 'symlink' || header.type === 'link') {
    digest.tree.set(path, visibleLine(header.linkname ?? '', 200).replaceAll('`', '?'))
    return leaveOut(digest, path, 'symbolic link')
  }
  if (header.type !== undefined && header.type !== 'file')
    return leaveOut(digest, path, 'unsafe name')
  digest.tree.set(path, '')
  if (isExcludedPath(path)) return leaveOut(digest, path, 'generated, vendored or lock file')
  if (header.size > limits.fileBytes) return leaveOut(digest, path, 'too large')
  const text = sourceText(new Uint8Array(await new Response(body).arrayBuffer()))
  if (text === null) return leaveOut(digest, path, 'binary')
  if (text.startsWith('version https://git-lfs.github.com/spec/')) {
    return leaveOut(digest, path, 'stored elsewhere (Git LFS)')
  }
  return { path, ...(await readableFile(path, text, limits.fileChars, readNotebook)) }
}

function leaveOut(digest: ArchiveDigest, path: string, reason: LeftOutReason): null {
  const paths = digest.leftOut.get(reason) ?? []
  digest.leftOut.set(reason, paths)
  paths.push(path)
  return null
}

/** GitHub writes the commit as the comment of the archive's global header. */
function commitOf({ header }: ParsedTarEntry): string | null {
  const comment = header.pax?.comment
  if (comment && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(comment)) return comment
  return /^[^/]*-([0-9a-f]{40})\//.exec(header.name)?.[1] ?? null
}
