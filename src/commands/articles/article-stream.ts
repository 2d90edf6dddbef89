import { Refusal } from '../../errors.ts'
import { evolveArticle, foldArticle } from '../../events/articles/article.ts'
import { type ArticleEvent, articleStream } from '../../events/articles/article-events.ts'
import {
  type Article,
  type ExistingArticle,
  initialArticle,
} from '../../events/articles/article-state.ts'
import type { EventStore, Guard } from '../../store/events/event-store.ts'
import { type Caller, type CommandDeps, foldStream, type Handled, handle } from '../handle.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** An id as callers write it, in the one form that names the stream. */
export function parseArticleId(articleId: string): string {
  if (!uuid.test(articleId)) throw new Refusal('ARTICLE_ID_INVALID')
  return articleId.toLowerCase()
}

/** The article as of now. Absent, erased and somebody else's give the identical refusal. */
export async function loadArticle(
  store: EventStore,
  userId: string,
  articleId: string,
): Promise<{ article: ExistingArticle; version: number }> {
  const { state, version } = await foldStream(store, userId, theArticle(articleId))
  return { article: existing(state), version }
}

/** The article, also when it is erased: then its ids, kinds and numbers are all that it says. */
export async function loadAnyArticle(
  store: EventStore,
  userId: string,
  articleId: string,
): Promise<ExistingArticle> {
  const { state } = await foldStream(store, userId, theArticle(articleId))
  if (state.status === 'absent') throw new Refusal('ARTICLE_NOT_FOUND')
  return state
}

/** Decides on an existing article that still takes work. */
export const changeArticle = (
  deps: Pick<CommandDeps, 'store' | 'beside'>,
  caller: Caller,
  articleId: string,
  decide: (article: ExistingArticle, version: number) => ArticleEvent[],
  guard?: (events: readonly ArticleEvent[]) => Guard | undefined,
) =>
  changeAnyArticle(
    deps,
    caller,
    articleId,
    (article, version) => {
      if (article.archived) throw new Refusal('ARTICLE_ARCHIVED')
      return decide(article, version)
    },
    guard,
  )

/** Decides on an existing article, archived or not: work that was in hand when it was archived has to end. */
export async function changeAnyArticle(
  deps: Pick<CommandDeps, 'store' | 'beside'>,
  caller: Caller,
  articleId: string,
  decide: (article: ExistingArticle, version: number) => ArticleEvent[],
  guard?: (events: readonly ArticleEvent[]) => Guard | undefined,
): Promise<Handled<Article, ArticleEvent> & { article: ExistingArticle }> {
  const handled = await handle<Article, ArticleEvent>(deps, caller, {
    ...theArticle(articleId),
    decide: (state, version) => decide(existing(state), version),
    guard,
  })
  return { ...handled, article: existing(handled.state) }
}

const theArticle = (articleId: string) => ({
  streamId: articleStream(parseArticleId(articleId)),
  initial: initialArticle,
  evolve: evolveArticle,
  fold: foldArticle,
})

/** Throws ARTICLE_NOT_FOUND for one that is not there, or no longer. */
export function existing(state: Article): ExistingArticle {
  if (state.status === 'absent' || state.erased) throw new Refusal('ARTICLE_NOT_FOUND')
  return state
}

/** The number that the next new source of an article gets. */
export const nextSourceNumber = (article: ExistingArticle): number =>
  Math.max(0, ...article.sources.keys()) + 1

/** The number that the next new query of an article gets. */
export const nextQueryNumber = (article: ExistingArticle): number =>
  Math.max(0, ...article.queries.keys()) + 1
