import { z } from 'zod'
import { clipText } from '../files/clip-text.ts'
import type { GatheredSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import { bodyText, type Comment, commentBlocks, oneLine } from './comment-blocks.ts'
import type { GithubRequests } from './github-requests.ts'

const totalCharsMax = 400_000
const commentsPerPage = 100
const commentsMax = 500
const otherForm = 'GitHub answered in another form'

const user = z.object({ login: z.string() }).nullish().catch(null)
const text = z.string().nullish().catch(null)

const conversationSchema = z.object({
  title: z.string(),
  state: z.string(),
  user,
  body: text,
  created_at: text,
  updated_at: text,
  comments: z.number().catch(0),
  labels: z.array(z.object({ name: z.string() })).catch([]),
  pull_request: z.object({ merged_at: text }).nullish().catch(null),
})

const commentsSchema = z.array(z.object({ user, body: text, created_at: text, path: text }))

/**
 * An issue or pull request with its comments, and for the latter its review comments; the first
 * five hundred of each.
 */
export async function readConversation(
  target: { owner: string; repo: string; number: number },
  url: string,
  requests: GithubRequests,
  signal: AbortSignal,
): Promise<GatheredSource> {
  const { owner, repo, number } = target
  const base = ['repos', owner, repo]
  const retrievedAt = new Date()
  const parsed = conversationSchema.safeParse(
    await requests.api([...base, 'issues', String(number)], '', signal),
  )
  if (!parsed.success) throw new SourceFailure('EXTRACTION_FAILED', otherForm)
  const conversation = parsed.data
  const isPull = conversation.pull_request != null
  const talk = await readComments(requests, [...base, 'issues', String(number), 'comments'], signal)
  const reviews = isPull
    ? await readComments(requests, [...base, 'pulls', String(number), 'comments'], signal)
    : { comments: [], isCut: false }
  const kind = isPull ? 'pull request' : 'issue'
  const state = conversation.pull_request?.merged_at ? 'merged' : conversation.state
  const parts = [
    `# ${oneLine(conversation.title)}`,
    [
      `- ${isPull ? 'Pull request' : 'Issue'}: https://github.com/${owner}/${repo}/${isPull ? 'pull' : 'issues'}/${number}`,
      `- State: ${oneLine(state)}`,
      `- Author: ${oneLine(conversation.user?.login ?? 'unknown')}`,
      `- Opened: ${oneLine(conversation.created_at ?? 'unknown')}`,
      ...(conversation.labels.length
        ? [`- Labels: ${conversation.labels.map((label) => oneLine(label.name)).join(', ')}`]
        : []),
    ].join('\n'),
    bodyText(conversation.body),
    ...commentBlocks('Comments', talk.comments),
    ...commentBlocks('Review comments', reviews.comments),
  ]
  const omitted = conversation.comments - talk.comments.length
  const notes = [
    ...(omitted > 0 ? [`${omitted} more comments were not read`] : []),
    ...(reviews.isCut ? [`only the first ${commentsMax} review comments were read`] : []),
  ]
  return {
    title: `${conversation.title} · ${kind} #${number} · ${owner}/${repo}`,
    markdown: `${clipText([...parts, ...notes.map((note) => `(${note})`)].filter(Boolean).join('\n\n'), totalCharsMax)}\n`,
    snapshot: null,
    finalUrl: url,
    retrievedAt,
    converter: 'github/1',
    ...(conversation.updated_at ? { revision: conversation.updated_at } : {}),
    facts: {
      site: 'github.com',
      ...(conversation.user ? { author: conversation.user.login } : {}),
      ...(conversation.created_at ? { publishedAt: conversation.created_at } : {}),
    },
    notes,
  }
}

/** Page by page up to the limit; `isCut` says that there are more than were read. */
async function readComments(
  requests: GithubRequests,
  path: readonly string[],
  signal: AbortSignal,
): Promise<{ comments: Comment[]; isCut: boolean }> {
  const comments: Comment[] = []
  for (let page = 1; comments.length < commentsMax; page += 1) {
    const query = `?per_page=${commentsPerPage}&page=${page}`
    const parsed = commentsSchema.safeParse(await requests.api(path, query, signal))
    if (!parsed.success) throw new SourceFailure('EXTRACTION_FAILED', otherForm)
    comments.push(...parsed.data.slice(0, commentsPerPage))
    if (parsed.data.length < commentsPerPage) return { comments, isCut: false }
  }
  return { comments, isCut: true }
}
