import { z } from 'zod'
import { clipText } from '../files/clip-text.ts'
import type { GatheredSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'
import { bodyText, type Comment, commentBlock, oneLine } from './comment-blocks.ts'
import type { GithubRequests } from './github-requests.ts'

const totalCharsMax = 400_000
const pagesMax = 5

const author = z.object({ login: z.string() }).nullish().catch(null)
const post = { author, body: z.string().catch(''), createdAt: z.string().catch('') }
const commentSchema = z.object({
  ...post,
  isAnswer: z.boolean().catch(false),
  replies: z.object({ totalCount: z.number(), nodes: z.array(z.object(post)) }),
})
const answerSchema = z.object({
  data: z.object({
    repository: z.object({
      discussion: z.object({
        ...post,
        title: z.string(),
        updatedAt: z.string().catch(''),
        comments: z.object({
          totalCount: z.number(),
          pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
          nodes: z.array(commentSchema),
        }),
      }),
    }),
  }),
})
type Discussion = z.infer<typeof answerSchema>['data']['repository']['discussion']

const query = `query($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) { discussion(number: $number) {
    title body createdAt updatedAt author { login }
    comments(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
      author { login } body createdAt isAnswer
      replies(first: 50) { totalCount nodes { author { login } body createdAt } } } } } } }`

/** A discussion with its first five hundred comments and their replies. GitHub tells it only with a token. */
export async function readDiscussion(
  target: { owner: string; repo: string; number: number },
  url: string,
  requests: GithubRequests,
  signal: AbortSignal,
): Promise<GatheredSource> {
  const { owner, repo, number } = target
  const retrievedAt = new Date()
  const pages: Discussion[] = []
  let after: string | null | undefined
  do {
    const parsed = answerSchema.safeParse(
      await requests.graphql(query, { owner, repo, number, after: after ?? null }, signal),
    )
    if (!parsed.success) throw new SourceFailure('NOT_FOUND', 'no such discussion')
    const page = parsed.data.data.repository.discussion
    pages.push(page)
    after = page.comments.pageInfo.hasNextPage ? page.comments.pageInfo.endCursor : null
  } while (after && pages.length < pagesMax)
  return discussionSource(target, pages, url, retrievedAt)
}

function discussionSource(
  { owner, repo, number }: { owner: string; repo: string; number: number },
  pages: readonly Discussion[],
  url: string,
  retrievedAt: Date,
): GatheredSource {
  const [first] = pages
  if (!first) throw new SourceFailure('EMPTY')
  const comments = pages.flatMap((page) => page.comments.nodes)
  const omitted = first.comments.totalCount - comments.length
  const silent = comments.reduce(
    (sum, { replies }) => sum + replies.totalCount - replies.nodes.length,
    0,
  )
  const notes = [
    ...(omitted > 0 ? [`${omitted} more comments were not read`] : []),
    ...(silent > 0 ? [`${silent} more replies were not read`] : []),
  ]
  const title = oneLine(first.title)
  const facts = [
    `- Discussion: https://github.com/${owner}/${repo}/discussions/${number}`,
    `- Author: ${oneLine(first.author?.login ?? 'unknown')}`,
    `- Opened: ${oneLine(first.createdAt)}`,
  ]
  const blocks = comments.flatMap((comment) => [
    ...commentBlock(asComment(comment), comment.isAnswer ? '### Answer:' : '###'),
    ...comment.replies.nodes.flatMap((reply) => commentBlock(asComment(reply), '####')),
  ])
  const parts = [
    `# ${title}`,
    facts.join('\n'),
    bodyText(first.body),
    ...(blocks.length > 0 ? ['## Comments', ...blocks] : []),
    ...notes.map((note) => `(${note})`),
  ]
  return {
    title: `${title} · discussion #${number} · ${owner}/${repo}`,
    markdown: `${clipText(parts.filter(Boolean).join('\n\n'), totalCharsMax)}\n`,
    snapshot: null,
    finalUrl: url,
    retrievedAt,
    converter: 'github/1',
    ...(first.updatedAt ? { revision: first.updatedAt } : {}),
    facts: {
      site: 'github.com',
      ...(first.author ? { author: first.author.login } : {}),
      ...(first.createdAt ? { publishedAt: first.createdAt } : {}),
    },
    notes,
  }
}

const asComment = (from: {
  author?: Comment['user']
  body: string
  createdAt: string
}): Comment => ({
  user: from.author,
  body: from.body,
  created_at: from.createdAt,
})
