import { z } from 'zod'
import { clipText } from '../files/clip-text.ts'
import type { GatheredSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import { bodyText, oneLine } from './comment-blocks.ts'
import type { GithubRequests } from './github-requests.ts'

const listedMax = 30
const totalCharsMax = 400_000

const text = z.string().nullish().catch(null)
const releaseSchema = z.object({
  tag_name: z.string(),
  name: text,
  body: text,
  published_at: text,
  prerelease: z.boolean().catch(false),
  author: z.object({ login: z.string() }).nullish().catch(null),
})
type Release = z.infer<typeof releaseSchema>

/** The notes of one release, of the newest (`latest`), or of the newest thirty when no tag is named. */
export async function readRelease(
  { owner, repo, tag }: { owner: string; repo: string; tag: string },
  url: string,
  requests: GithubRequests,
  signal: AbortSignal,
): Promise<GatheredSource> {
  const base = ['repos', owner, repo, 'releases']
  const retrievedAt = new Date()
  const path = tag === '' || tag === 'latest' ? tag : `tags/${tag}`
  const answer = await requests.api(
    [...base, ...path.split('/').filter(Boolean)],
    tag === '' ? `?per_page=${listedMax}` : '',
    signal,
  )
  const parsed = z.array(releaseSchema).safeParse(Array.isArray(answer) ? answer : [answer])
  if (!parsed.success)
    throw new SourceFailure('EXTRACTION_FAILED', 'GitHub answered in another form')
  const [newest] = parsed.data
  if (!newest) throw new SourceFailure('EMPTY', 'the repository has no releases')
  const isOne = tag !== ''
  const title = isOne
    ? `${nameOf(newest)} · release of ${owner}/${repo}`
    : `Releases of ${owner}/${repo}`
  const blocks = parsed.data.map((release) => releaseBlock(release, isOne ? '#' : '##'))
  const markdown = [...(isOne ? [] : [`# ${title}`]), ...blocks].join('\n\n')
  return {
    title,
    markdown: `${clipText(markdown, totalCharsMax)}\n`,
    snapshot: null,
    finalUrl: url,
    retrievedAt,
    converter: 'github/1',
    revision: newest.tag_name,
    facts: {
      site: 'github.com',
      ...(isOne && newest.author ? { author: newest.author.login } : {}),
      ...(newest.published_at ? { publishedAt: newest.published_at } : {}),
    },
    notes: parsed.data.length === listedMax ? [`Only the newest ${listedMax} releases.`] : [],
  }
}

const nameOf = (release: Release): string => oneLine(release.name?.trim() || release.tag_name)

function releaseBlock(release: Release, marks: string): string {
  const { tag_name, published_at, prerelease, author, body } = release
  const facts = [
    `- Tag: \`${oneLine(tag_name)}\`${prerelease ? ', a pre-release' : ''}`,
    `- Published: ${oneLine(published_at ?? 'unknown')}${author ? ` by ${oneLine(author.login)}` : ''}`,
  ]
  return [`${marks} ${nameOf(release)}`, facts.join('\n'), bodyText(body)]
    .filter(Boolean)
    .join('\n\n')
}
