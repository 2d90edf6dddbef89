import type { ArticleSource, ExistingArticle } from '../../events/articles/article-state.ts'
import type { FoundCandidate } from '../../research/judging/score-sources.ts'

/** Research sources as judges see them: what the search said, and which query found them first. */
export function promptSources(
  article: ExistingArticle,
  wanted: (source: ArticleSource) => boolean,
): FoundCandidate[] {
  return [...article.sources.values()].filter(wanted).map((source) => ({
    number: source.number,
    url: source.url,
    title: source.title,
    snippet: source.snippet,
    query: article.queries.get(source.queries[0] ?? 0)?.query ?? '',
    published_at: source.publishedAt,
    cited: source.cited,
  }))
}
