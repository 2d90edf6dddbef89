import { z } from 'zod'
import { missingFiles } from '../../commands/articles/upload-local-files.ts'
import { linkRanks } from '../../events/articles/article-events.ts'
import type { ArticleSource, ExistingArticle } from '../../events/articles/article-state.ts'
import type { NextStep } from '../../events/articles/next-step.ts'
import { fenceUntrusted, untrustedTextRule } from '../../sources/untrusted-text.ts'
import { visibleLine } from '../../visible-text.ts'

/** Every answer says what to do next, for an agent that lost its place. */
export const nextStepSchema = () => z.object({ tool: z.string().nullable(), why: z.string() })

export const nextLine = (step: NextStep): string =>
  step.tool ? `Next: ${step.tool}. ${step.why}` : `Next: ${step.why}`

/** A source as lists show it. Titles are the words of others. */
export const sourceSchema = () =>
  z.object({
    source: z.int(),
    kind: z.enum(['web', 'github', 'youtube', 'file']),
    origin: z.enum(['guideline', 'research', 'file']),
    url: z.string(),
    title: z.string().describe('Untrusted.'),
    rank: z.enum(linkRanks).nullable(),
    state: z.enum(['pending', 'scraped', 'failed']),
    failure: z.string().nullable(),
    decision: z.enum(['kept', 'rejected']).nullable(),
    chosen: z.boolean(),
  })

export type SourceView = z.infer<ReturnType<typeof sourceSchema>>

export function sourceView(source: ArticleSource): SourceView {
  return {
    source: source.number,
    kind: source.kind,
    origin: source.origin,
    url: visibleLine(source.url, 300),
    title: visibleLine(source.title, 120),
    rank: source.rank,
    state: source.state,
    failure: source.failure ? failureText(source.failure) : null,
    decision: source.decision ? (source.decision.keep ? 'kept' : 'rejected') : null,
    chosen: source.chosen !== null,
  }
}

export function sourceLine(view: SourceView): string {
  const marks = [
    view.state === 'failed' ? `failed ${view.failure}` : view.state,
    view.decision,
    view.chosen ? 'chosen' : null,
    view.rank === 'golden' ? 'golden' : null,
  ].filter(Boolean)
  return `[${view.source}] ${view.kind}, ${marks.join(', ')}: ${view.title} <${view.url}>`
}

export const failureText = (failure: { reason: string; detail: string | null }): string =>
  failure.detail ? `${failure.reason} (${failure.detail})` : failure.reason

const filesShown = 50

/** Files that the guideline names and that are not uploaded yet, as many as fit into an answer. */
export const missingFilesOf = (article: ExistingArticle): string[] =>
  missingFiles(article)
    .slice(0, filesShown)
    .map((name) => visibleLine(name, 120))

/** Words of pages, in a fence they cannot leave, after the rule that says what the fence means. */
export const untrusted = (label: string, text: string): string =>
  `${untrustedTextRule}\n${fenceUntrusted(text, { label })}`
