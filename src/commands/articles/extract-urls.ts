import { Refusal } from '../../errors.ts'
import { type ArticleEvent, UrlsExtracted } from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { onBehalfOf } from '../../sources/extraction/process/extraction-share.ts'
import { type GuidelineLinks, linksInGuideline } from '../../sources/guideline/guideline-links.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { changeArticle, loadArticle, nextSourceNumber } from './article-stream.ts'

/** More links than a person would have chosen; a list of bookmarks is not a guideline. */
export const guidelineLinksMax = 1000

/** Extracting twice yields the same links, so an article already up to date adds no event. */
export function decideExtractUrls(
  command: { links: GuidelineLinks; now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  if (article.extracted) return []
  const { links, localFiles } = command.links
  if (links.length > guidelineLinksMax) {
    throw new Refusal('LINKS_TOO_MANY', { found: links.length, max: guidelineLinksMax })
  }
  const first = nextSourceNumber(article)
  return [
    UrlsExtracted({
      links: links.map((link, index) => ({
        source: first + index,
        url: link.url,
        canonical: link.canonical,
        kind: link.kind,
        rank: link.rank,
      })),
      local_files: localFiles,
      extracted_at: command.now.toISOString(),
    }),
  ]
}

const noLinks: GuidelineLinks = { links: [], localFiles: [] }

export async function extractUrls(
  deps: CommandDeps,
  caller: Caller,
  command: { articleId: string },
) {
  const { article } = await loadArticle(deps.store, caller.userId, command.articleId)
  // Known already, or refused: both are found out without reading the guideline again.
  const links =
    article.extracted || article.archived ? noLinks : await linksOf(deps, caller, article)
  return changeArticle(deps, caller, command.articleId, (current) =>
    decideExtractUrls({ links, now: deps.now() }, current),
  )
}

async function linksOf(
  deps: CommandDeps,
  { userId }: Caller,
  article: ExistingArticle,
): Promise<GuidelineLinks> {
  const text = await deps.contents.text(userId, article.guideline.sha256)
  const { readLinks = async (guideline: string) => linksInGuideline(guideline) } = deps
  return await onBehalfOf(userId, () => readLinks(text))
}
