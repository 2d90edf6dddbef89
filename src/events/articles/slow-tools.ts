/**
 * The tools whose work is done by jobs, one row each. Whatever asks which tool it is dealing with asks this
 * table instead, so a tool is added, or changed, here.
 *
 * `items` says what an operation of the tool works on: the guideline's sources of one kind, the article's
 * `queries`, or the results `chosen` to be read in full.
 */
export const slowTools = {
  scrape_and_clean_other_urls: {
    items: 'web',
    itemsMax: 50,
    concurrency: 6,
    status: 'processing_sources',
    statusAfter: 'processing_sources',
    label: 'Reading web pages',
  },
  process_github_urls: {
    items: 'github',
    itemsMax: 20,
    concurrency: 2,
    status: 'processing_sources',
    statusAfter: 'processing_sources',
    label: 'Reading repositories',
  },
  transcribe_youtube_urls: {
    items: 'youtube',
    itemsMax: 20,
    concurrency: 2,
    status: 'processing_sources',
    statusAfter: 'processing_sources',
    label: 'Transcribing videos',
  },
  run_perplexity_research: {
    items: 'queries',
    itemsMax: 20,
    concurrency: 4,
    status: 'researching',
    statusAfter: 'researching',
    label: 'Asking the web',
  },
  scrape_research_urls: {
    items: 'chosen',
    itemsMax: 30,
    concurrency: 6,
    status: 'scraping_research',
    statusAfter: 'finalizing',
    label: 'Reading results in full',
  },
} as const satisfies Record<string, SlowToolRow>

interface SlowToolRow {
  items: 'web' | 'github' | 'youtube' | 'queries' | 'chosen'
  /** What one call works on at most: the next call takes the rest, so the cost of one call is bounded. */
  itemsMax: number
  /** How many items of one operation are worked on at once. */
  concurrency: number
  /** The article's status while an operation runs, and after one in which something succeeded. */
  status: string
  statusAfter: string
  /** What is going on, for a person. */
  label: string
}

export type SlowTool = keyof typeof slowTools
export type OperationItems = (typeof slowTools)[SlowTool]['items']

const rows = Object.entries(slowTools) as [SlowTool, (typeof slowTools)[SlowTool]][]

export const slowToolNames: readonly SlowTool[] = rows.map(([name]) => name)

const nameOf = Object.fromEntries(rows.map(([name, { items }]) => [items, name])) as Readonly<
  Record<OperationItems, SlowTool>
>

/** The tool that works on these items. */
export const slowToolFor = (items: OperationItems): SlowTool => nameOf[items]

/** The kinds of source that a guideline names by link, in the order in which they are read. */
export const guidelineKinds = ['web', 'github', 'youtube'] as const
