import { visibleLine } from '../../visible-text.ts'
import { clipText } from '../files/clip-text.ts'
import { withoutEmbeddedImages } from '../files/embedded-images.ts'

const bodyCharsMax = 60_000

/** What somebody wrote, when, and for a review on which file. */
export interface Comment {
  user?: { login: string } | null | undefined
  body?: string | null | undefined
  created_at?: string | null | undefined
  path?: string | null | undefined
}

/** A heading and the comments below it; nothing where there are none. */
export function commentBlocks(heading: string, comments: readonly Comment[]): string[] {
  if (comments.length === 0) return []
  return [`## ${heading}`, ...comments.flatMap((comment) => commentBlock(comment, '###'))]
}

/** One comment under who wrote it. */
export const commentBlock = (comment: Comment, marks: string): string[] => [
  `${marks} ${oneLine(comment.user?.login ?? 'unknown')}, ${oneLine(comment.created_at ?? '')}${comment.path ? `, on \`${oneLine(comment.path)}\`` : ''}`,
  bodyText(comment.body),
]

/** The Markdown of a post, bounded, without the bytes of its images. */
export const bodyText = (body: string | null | undefined): string =>
  clipText(withoutEmbeddedImages((body ?? '').replace(/\r\n?/g, '\n')).text.trim(), bodyCharsMax)

/** A word of GitHub's that stands on a line of ours. */
export const oneLine = (value: string): string => visibleLine(value.replaceAll('`', ' '), 300)
