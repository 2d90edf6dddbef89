import { z } from 'zod'
import { codeFence } from '../files/code-fence.ts'
import { fileTypeOf } from '../files/file-type.ts'
import { readableFile } from '../files/source-file-markdown.ts'
import { sourceText } from '../files/source-text.ts'
import type { GatheredSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import type { GithubFiles, GithubRequests } from './github-requests.ts'

const charactersMax = 600_000
const commitSchema = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) })

/** One file of a repository; the raw host itself finds out where the ref ends. */
export async function readRepositoryFile(
  target: { owner: string; repo: string; rest: string[] },
  url: string,
  { requests, readNotebook }: GithubFiles,
  signal: AbortSignal,
): Promise<GatheredSource> {
  const { owner, repo, rest } = target
  const answer = await requests.raw([owner, repo, ...rest], signal)
  const path = rest.slice(1).join('/')
  const text = sourceText(answer.bytes)
  if (text === null) throw new SourceFailure('UNSUPPORTED_TYPE', 'the file is binary')
  if (text.trim() === '') throw new SourceFailure('EMPTY')
  const file = await readableFile(path, text, charactersMax, readNotebook)
  const revision = (await commitOf(target, requests, signal)) ?? answer.headers.get('etag')
  const isMarkdown = file.language === 'markdown' || fileTypeOf(path)?.form === 'markdown'
  return {
    title: `${owner}/${repo}: ${path}`,
    markdown: isMarkdown ? file.text : `${codeFence(file.text, file.language)}\n`,
    snapshot: { bytes: answer.bytes, mediaType: fileTypeOf(path)?.mediaType ?? 'text/plain' },
    finalUrl: url,
    retrievedAt: answer.retrievedAt,
    converter: 'github/1',
    ...(revision ? { revision } : {}),
    facts: { site: 'github.com', author: owner },
    notes: [
      ...(file.text.length < text.length && !isMarkdown ? ['the file was clipped'] : []),
      ...linesNamed(url),
    ],
  }
}

/** The whole file is read, because a part of it says little; which part was meant is kept. */
function linesNamed(url: string): string[] {
  const [, first, last] = /^#L(\d{1,7})(?:C\d+)?(?:-L?(\d{1,7}))?/.exec(new URL(url).hash) ?? []
  if (!first) return []
  return [last ? `the link names lines ${first} to ${last}` : `the link names line ${first}`]
}

/** The commit behind the ref, when the ref is one or the API tells; the file is read either way. */
async function commitOf(
  { owner, repo, rest }: { owner: string; repo: string; rest: string[] },
  requests: GithubRequests,
  signal: AbortSignal,
): Promise<string | null> {
  const ref = rest[0] === 'refs' ? rest[2] : rest[0]
  if (!ref) return null
  if (/^[0-9a-f]{40}$/.test(ref)) return ref
  try {
    const found = commitSchema.safeParse(
      await requests.api(['repos', owner, repo, 'commits', ref], '', signal),
    )
    return found.success ? found.data.sha : null
  } catch (error) {
    if (error instanceof SourceFailure && error.reason !== 'CANCELLED') return null
    throw error
  }
}
