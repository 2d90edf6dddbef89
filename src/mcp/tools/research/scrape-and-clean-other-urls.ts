import { defineReadingTool } from '../../runs/slow-tool.ts'

/** Reads the web pages that the guideline names. */
export const scrapeAndCleanOtherUrls = defineReadingTool({
  name: 'scrape_and_clean_other_urls',
  title: 'Read the web pages of the guideline',
  description:
    'Fetch every web page that the guideline links to and turn it into clean Markdown. Call after extract_guidelines_urls; may run at the same time as process_github_urls and transcribe_youtube_urls. Returns each page with its state; calling again retries what failed.',
})
