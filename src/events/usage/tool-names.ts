import { slowToolNames } from '../articles/slow-tools.ts'

/** The tools whose calls count, as usage events and plans name them. */
export const toolNames: ReadonlySet<string> = new Set([
  ...slowToolNames,
  'create_article',
  'request_upload_link',
  'extract_guidelines_urls',
  'generate_next_queries',
  'select_research_sources_to_keep',
  'select_research_sources_to_scrape',
  'create_research_file',
  'get_article',
  'list_articles',
  'read_research',
  'get_operation',
  'cancel_operation',
  'account_usage',
])
