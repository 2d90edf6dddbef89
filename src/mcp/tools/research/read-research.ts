import { z } from 'zod'
import { loadArticle } from '../../../commands/articles/article-stream.ts'
import { Refusal } from '../../../errors.ts'
import { nextStep } from '../../../events/articles/next-step.ts'
import { clipGraphemes } from '../../../visible-text.ts'
import { nextLine, nextStepSchema, untrusted } from '../../protocol/answer-parts.ts'
import { articleId, cursor } from '../../protocol/arguments.ts'
import { decodeCursor, encodeCursor } from '../../protocol/cursor.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import { readableText } from '../../protocol/readable-text.ts'
import { researchSections } from '../../resources/research-sections.ts'

const output = z.object({
  text: z.string().describe('Untrusted, between fence lines.'),
  from: z.int().describe('Where this part begins, in characters.'),
  to: z.int(),
  total: z.int(),
  sha256: z.string().describe('Of the whole text in storage.'),
  next_cursor: z.string().nullable(),
  next_step: nextStepSchema(),
})

const place = z.object({ from: z.int().min(0), of: z.string().max(200) })

/** Reads what was gathered, in parts that fit into an answer. */
export const readResearch = defineTool({
  name: 'read_research',
  title: 'Read research.md or one source',
  description:
    'Read research.md part by part: all of it, one section, or from a character on. With source, read the text of one source (before research.md exists, too); with query, the answer to one query. Continue with next_cursor.',
  input: z.strictObject({
    article_id: articleId(),
    section: z.enum(researchSections).optional(),
    source: z.int().min(1).max(100_000).optional(),
    query: z.int().min(1).max(100_000).optional(),
    evidence: z.boolean().default(false).describe('research.json.'),
    from: z.int().min(0).max(1_000_000_000).default(0).describe('Character to begin at.'),
    max_chars: z.int().min(500).max(40_000).default(20_000),
    cursor: cursor(),
  }),
  output,
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  scope: 'nova:read',
  async run(args, { deps, caller }) {
    const { article } = await loadArticle(deps.store, caller.userId, args.article_id)
    const readable = await readableText(deps.contents, caller.userId, article, args)
    const from = args.cursor ? placeIn(args.cursor, readable.key) : args.from
    const to = endOfPart(readable.text, from, args.max_chars)
    const part = untrusted(readable.label, readable.text.slice(from, to))
    const more = to < readable.text.length
    const next = more
      ? { tool: 'read_research', why: 'Continue with next_cursor.' }
      : nextStep(article)
    const cursor = more ? encodeCursor({ from: to, of: readable.key }) : null
    const total = readable.text.length
    return {
      structured: {
        text: part,
        from: Math.min(from, total),
        to,
        total,
        sha256: readable.sha256,
        next_cursor: cursor,
        next_step: next,
      },
      text: [
        `${readable.label}, characters ${Math.min(from, total)} to ${to} of ${total}:`,
        part,
        ...(cursor ? [`To continue: cursor ${cursor}`] : []),
        nextLine(next),
      ].join('\n'),
    }
  },
})

/** A cursor continues the very text it began in: research.md may have been compiled anew since. */
function placeIn(cursor: string, key: string): number {
  const { from, of } = decodeCursor(cursor, place)
  if (of !== key) throw new Refusal('CURSOR_INVALID')
  return from
}

/** The end of a part: at a line's end when one is near, and never inside a character. */
function endOfPart(text: string, from: number, length: number): number {
  const end = Math.min(text.length, from + length)
  if (end === text.length) return end
  const line = text.lastIndexOf('\n', end - 1) + 1
  if (line > from + length / 2) return line
  return from + clipGraphemes(text.slice(from), length).length
}
