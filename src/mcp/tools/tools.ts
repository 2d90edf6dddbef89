import { toolsetNames } from '../../config.ts'
import type { Offer, Toolset } from '../../toolsets.ts'
import type { Tool } from '../protocol/define-tool.ts'
import { assignPlan } from './admin/assign-plan.ts'
import { readAnalytics } from './admin/read-analytics.ts'
import { accountUsage } from './research/account-usage.ts'
import { archiveArticle } from './research/archive-article.ts'
import { cancelOperation } from './research/cancel-operation.ts'
import { createArticle } from './research/create-article.ts'
import { createResearchFile } from './research/create-research-file.ts'
import { extractGuidelinesUrls } from './research/extract-guidelines-urls.ts'
import { generateNextQueries } from './research/generate-next-queries.ts'
import { getArticle } from './research/get-article.ts'
import { getOperation } from './research/get-operation.ts'
import { listArticles } from './research/list-articles.ts'
import { processGithubUrls } from './research/process-github-urls.ts'
import { readResearch } from './research/read-research.ts'
import { requestUploadLink } from './research/request-upload-link.ts'
import { researchArticle } from './research/research-article.ts'
import { runPerplexityResearch } from './research/run-perplexity-research.ts'
import { scrapeAndCleanOtherUrls } from './research/scrape-and-clean-other-urls.ts'
import { scrapeResearchUrls } from './research/scrape-research-urls.ts'
import { selectResearchSourcesToKeep } from './research/select-research-sources-to-keep.ts'
import { selectResearchSourcesToScrape } from './research/select-research-sources-to-scrape.ts'
import { transcribeYoutubeUrls } from './research/transcribe-youtube-urls.ts'

/** Every tool by its set, in the order of the workflow; clients cache the list, so the order never varies. */
const toolsets: Record<Toolset, readonly Tool[]> = {
  research: [
    createArticle,
    requestUploadLink,
    researchArticle,
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
    archiveArticle,
    accountUsage,
  ],
  admin: [assignPlan, readAnalytics],
}

/** Every tool, those of administrators last.
 * @internal Tests go through them. */
export const tools: readonly Tool[] = toolsetNames.flatMap((name) => toolsets[name])

/** The tools of an offer, in the order of all. */
export const toolsOf = ({ toolsets: names, readOnly }: Offer): readonly Tool[] =>
  toolsetNames
    .filter((name) => names.has(name))
    .flatMap((name) => toolsets[name])
    .filter(({ hints }) => hints.readOnlyHint || !readOnly)
