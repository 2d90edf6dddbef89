import { isOutcomeUnknown, outcomeUnknown, Refusal } from '../../errors.ts'
import { evolveArticle, foldArticle } from '../../events/articles/article.ts'
import {
  ArticleCreated,
  type ArticleEvent,
  articleStream,
} from '../../events/articles/article-events.ts'
import { type Article, initialArticle } from '../../events/articles/article-state.ts'
import type { ContentRef } from '../../events/define-event.ts'
import { articleTitle } from '../../research/planning/article-title.ts'
import { readGuideline } from '../../sources/guideline/guideline-text.ts'
import { visibleLine } from '../../visible-text.ts'
import { type Caller, type CommandDeps, handle } from '../handle.ts'
import { existing, parseArticleId } from './article-stream.ts'

export interface CreateArticle {
  /** Chosen by the client to make a retry safe; otherwise a new one. */
  articleId?: string
  /** Bytes as they came, or the text that readGuideline made of them, with its file's name. */
  guideline: Uint8Array | { text: string; name?: string }
  /** Default: what the guideline says that it is about; see `articleTitle`. */
  title?: string
}

/** The same guideline under the same id is a retry and adds nothing; another guideline is refused. */
export function decideCreateArticle(
  command: { articleId: string; title: string; guideline: ContentRef; now: Date },
  article: Article,
): ArticleEvent[] {
  if (article.status !== 'absent') {
    if (article.guideline.sha256 === command.guideline.sha256) return []
    throw new Refusal('ARTICLE_EXISTS')
  }
  return [
    ArticleCreated({
      article_id: command.articleId,
      title: command.title,
      guideline: command.guideline,
      created_at: command.now.toISOString(),
    }),
  ]
}

export async function createArticle(deps: CommandDeps, caller: Caller, command: CreateArticle) {
  const { guideline: given } = command
  const { text, name } = 'text' in given ? given : { text: readGuideline(given) }
  const articleId = command.articleId ? parseArticleId(command.articleId) : deps.newId()
  const guideline = await deps.contents.put(caller.userId, text, 'text/markdown')
  const title = visibleLine(command.title ?? '', 300) || articleTitle(text, name)
  const handled = await handle<Article, ArticleEvent>(deps, caller, {
    streamId: articleStream(articleId),
    initial: initialArticle,
    evolve: evolveArticle,
    fold: foldArticle,
    decide: (article) =>
      decideCreateArticle({ articleId, title, guideline, now: deps.now() }, article),
  }).catch((error: unknown) => {
    throw isOutcomeUnknown(error) ? unknownArticle(error, articleId) : error
  })
  const { appended, state, version } = handled
  // A retry may have come after other changes; the title is the article's.
  const article = existing(state)
  return {
    articleId,
    title: article.title,
    guideline,
    created: appended !== null,
    appended,
    article,
    version,
  }
}

/** With its id any server finds the article when the same is sent again. */
const unknownArticle = ({ cause }: Refusal, articleId: string): Refusal =>
  outcomeUnknown(cause, {
    details: { article_id: articleId },
    hint: `Send the same again with article_id ${articleId}: an article that is there is found, and not made twice.`,
  })
