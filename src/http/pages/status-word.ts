import type { ArticleStatus } from '../../events/articles/article-status.ts'

const words: Readonly<Record<ArticleStatus, string>> = {
  created: 'New',
  extracting_urls: 'Reading the guideline',
  processing_sources: 'Reading sources',
  researching: 'Researching',
  selecting_sources: 'Selecting sources',
  scraping_research: 'Reading results',
  finalizing: 'Finishing',
  completed: 'Ready',
  failed: 'Needs attention',
}

/** An article's status in words for a person. */
export const statusWord = (status: ArticleStatus): string => words[status]
