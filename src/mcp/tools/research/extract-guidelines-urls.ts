import { z } from 'zod'
import { extractUrls } from '../../../commands/articles/extract-urls.ts'
import { nextStep } from '../../../events/articles/next-step.ts'
import { visibleLine } from '../../../visible-text.ts'
import { missingFilesOf, nextLine, nextStepSchema, untrusted } from '../../protocol/answer-parts.ts'
import { articleId } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'

const output = z.object({
  counts: z.object({ web: z.int(), github: z.int(), youtube: z.int(), files: z.int() }),
  links: z.array(
    z.object({
      source: z.int(),
      kind: z.enum(['web', 'github', 'youtube', 'file']),
      url: z.string(),
    }),
  ),
  links_total: z.int(),
  missing_files: z.array(z.string()).describe('To be uploaded by request_upload_link.'),
  next_step: nextStepSchema(),
})

/** More do not fit into an answer; get_article lists all. */
const linksShown = 100

/** Finds the links and file names of the guideline. */
export const extractGuidelinesUrls = defineTool({
  name: 'extract_guidelines_urls',
  title: 'Find the links in the guideline',
  description:
    'Find every link and every local file name in the guideline and class the links: GitHub, YouTube, other pages. The first step of an article; repeating it changes nothing. Returns the numbered links and the files that the user still has to upload.',
  input: z.strictObject({ article_id: articleId() }),
  output,
  hints: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  scope: 'nova:write',
  async run(args, { deps, caller }) {
    const { article } = await extractUrls(deps, caller, { articleId: args.article_id })
    const named = [...article.sources.values()].filter((source) => source.origin === 'guideline')
    const of = (kind: string) => named.filter((source) => source.kind === kind).length
    const counts = {
      web: of('web'),
      github: of('github'),
      youtube: of('youtube'),
      files: article.expectedFiles.length,
    }
    const links = named.slice(0, linksShown).map((source) => ({
      source: source.number,
      kind: source.kind,
      url: visibleLine(source.url, 300),
    }))
    const missing = missingFilesOf(article)
    const next = nextStep(article)
    return {
      structured: {
        counts,
        links,
        links_total: named.length,
        missing_files: missing,
        next_step: next,
      },
      text: [
        `Links: ${counts.web} web, ${counts.github} GitHub, ${counts.youtube} YouTube. Local files: ${counts.files}.`,
        ...(links.length
          ? [untrusted('links', links.map((l) => `[${l.source}] ${l.kind} ${l.url}`).join('\n'))]
          : []),
        ...(named.length > links.length
          ? [`${named.length - links.length} more are listed by get_article.`]
          : []),
        ...(missing.length
          ? [`Not uploaded yet (request_upload_link, purpose files): ${missing.join(', ')}`]
          : []),
        nextLine(next),
      ].join('\n'),
    }
  },
})
