import type { Tool } from './define-tool.ts'
import { accountUsage } from './tools/account-usage.ts'
import { assignPlan } from './tools/assign-plan.ts'
import { cancelOperation } from './tools/cancel-operation.ts'
import { createArticle } from './tools/create-article.ts'
import { createResearchFile } from './tools/create-research-file.ts'
import { extractGuidelinesUrls } from './tools/extract-guidelines-urls.ts'
import { generateNextQueries } from './tools/generate-next-queries.ts'
import { getArticle } from './tools/get-article.ts'
import { getOperation } from './tools/get-operation.ts'
import { listArticles } from './tools/list-articles.ts'
import { processGithubUrls } from './tools/process-github-urls.ts'
import { readAnalytics } from './tools/read-analytics.ts'
import { readResearch } from './tools/read-research.ts'
import { requestUploadLink } from './tools/request-upload-link.ts'
import { runPerplexityResearch } from './tools/run-perplexity-research.ts'
import { scrapeAndCleanOtherUrls } from './tools/scrape-and-clean-other-urls.ts'
import { scrapeResearchUrls } from './tools/scrape-research-urls.ts'
import { selectResearchSourcesToKeep } from './tools/select-research-sources-to-keep.ts'
import { selectResearchSourcesToScrape } from './tools/select-research-sources-to-scrape.ts'
import { transcribeYoutubeUrls } from './tools/transcribe-youtube-urls.ts'

/**
 * Every tool, in the order of the workflow, those of administrators last; clients cache the list, so the
 * order never varies.
 */
export const tools: readonly Tool[] = [
  createArticle,
  requestUploadLink,
  extractGuidelinesUrls,
  scrapeAndCleanOtherUrls,
  processGithubUrls,
  transcribeYoutubeUrls,
  generateNextQueries,
  runPerplexityResearch,
  selectResearchSourcesToKeep,
  selectResearchSourcesToScrape,
  scrapeResearchUrls,
  createResearchFile,
  getArticle,
  listArticles,
  readResearch,
  getOperation,
  cancelOperation,
  accountUsage,
  assignPlan,
  readAnalytics,
]
