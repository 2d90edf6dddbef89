import { withoutEmbeddedImages } from '../files/embedded-images.ts'
import { sourceText } from '../files/source-text.ts'
import type { GatheredSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import type { GithubRequests } from './github-requests.ts'

/** A page of a wiki as its authors wrote it; one that is not in Markdown is NOT_FOUND here. */
export async function readWikiPage(
  { owner, repo, page }: { owner: string; repo: string; page: string },
  url: string,
  requests: GithubRequests,
  signal: AbortSignal,
): Promise<GatheredSource> {
  const answer = await requests.raw(['wiki', owner, repo, `${page}.md`], signal)
  const text = sourceText(answer.bytes)
  if (text === null) throw new SourceFailure('UNSUPPORTED_TYPE', 'the page is binary')
  if (text.trim() === '') throw new SourceFailure('EMPTY')
  const revision = answer.headers.get('etag')
  return {
    title: `${page.replaceAll('-', ' ')} · wiki of ${owner}/${repo}`,
    markdown: withoutEmbeddedImages(text).text,
    snapshot: { bytes: answer.bytes, mediaType: 'text/markdown' },
    finalUrl: url,
    retrievedAt: answer.retrievedAt,
    converter: 'github/1',
    ...(revision ? { revision } : {}),
    facts: { site: 'github.com' },
    notes: [],
  }
}
