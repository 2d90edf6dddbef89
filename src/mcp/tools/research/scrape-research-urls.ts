import { defineReadingTool } from '../../runs/slow-tool.ts'

/** Reads the research sources that were chosen. */
export const scrapeResearchUrls = defineReadingTool({
  name: 'scrape_research_urls',
  title: 'Read the chosen research sources',
  description:
    'Fetch in full the pages chosen by select_research_sources_to_scrape and turn them into clean Markdown. Returns each page with its state; calling again retries what failed.',
})
