import * as article from '../../src/events/articles/article-events.ts'
import type { SlowTool } from '../../src/events/articles/slow-tools.ts'
import type { ContentRef, NewEvent } from '../../src/events/define-event.ts'

const at = '2026-05-01T12:00:00.000Z'
const noBody = { sha256: 'a'.repeat(64), size: 48_213, media_type: 'text/markdown' }
const markup = '<img src=x onerror=alert(1)><script>alert(2)</script>'

const links = [
  { url: 'https://ants.example/trails', kind: 'web' },
  { url: 'https://github.com/colony/pheromones', kind: 'github' },
  { url: 'https://www.youtube.com/watch?v=aaaaaaaaaaa', kind: 'youtube' },
  { url: 'javascript:alert(3)', kind: 'web' },
  { url: `https://long.example/${'segment-'.repeat(30)}`, kind: 'web' },
] as const

const started = (operation_id: string, tool: SlowTool, items: number[]) =>
  article.OperationStarted({
    operation_id,
    tool,
    items,
    usage_month: '2026-05',
    usage_weight: 1,
    started_at: at,
  })

const finished = (operation_id: string, tool: SlowTool, succeeded: number) =>
  article.OperationFinished({
    operation_id,
    tool,
    outcome: 'completed',
    succeeded,
    failed: 0,
    finished_at: at,
  })

const scrapedAs =
  (ref: ContentRef) => (source: number, url: string, title: string, operation_id: string) =>
    article.SourceScraped({
      operation_id,
      source,
      url,
      final_url: url,
      title,
      snapshot: null,
      markdown: ref,
      converter: 'web/1',
      cleaned_by: null,
      revision: null,
      facts: {},
      notes: [],
      retrieved_at: at,
    })

const resultsWith = (hostile: string) =>
  [6, 7, 8].map((source) => ({
    source,
    first: true,
    url: `https://found.example/${source}`,
    canonical: `found.example/${source}`,
    kind: 'web' as const,
    title: source === 6 ? hostile : `How ants count their steps, part ${source}`,
    snippet: hostile,
    published_at: null,
    cited: true,
  }))

const roundWith =
  (hostile: string) =>
  (number: number): NewEvent[] => [
    article.QueriesGenerated({
      round: number,
      queries: [
        { query_number: number, query: `How do desert ants navigate? ${hostile}`, reason: 'Gap.' },
      ],
      by: 'agent',
      note: null,
      generated_at: at,
    }),
    started(`round${number}`, 'run_perplexity_research', [number]),
    article.ResearchResultRecorded({
      operation_id: `round${number}`,
      query_number: number,
      provider: 'searxng',
      answer: null,
      found: resultsWith(hostile).map((result) => ({ ...result, first: number === 1 })),
      cost_usd: null,
      recorded_at: at,
    }),
    finished(`round${number}`, 'run_perplexity_research', 1),
  ]

/** An article's whole life, step by step, in which every text of the outside world is an attack. */
export function hostileArticle(hostile = markup, ref: ContentRef = noBody): NewEvent[][] {
  const [scraped, round] = [scrapedAs(ref), roundWith(hostile)]
  return [
    [
      article.UrlsExtracted({
        links: links.map((link, index) => ({
          ...link,
          source: index + 1,
          canonical: link.url,
          rank: null,
        })),
        local_files: ['ants.py', `${hostile}.md`],
        extracted_at: at,
      }),
    ],
    [started('web', 'scrape_and_clean_other_urls', [1, 4, 5])],
    [
      scraped(1, 'https://ants.example/trails', hostile, 'web'),
      article.SourceFailed({
        operation_id: 'web',
        source: 4,
        url: 'javascript:alert(3)',
        reason: 'BAD_URL',
        detail: null,
        retryable: false,
        failed_at: at,
      }),
      article.SourceFailed({
        operation_id: 'web',
        source: 5,
        url: links[4].url,
        reason: 'TIMEOUT',
        detail: '30 s',
        retryable: true,
        failed_at: at,
      }),
      finished('web', 'scrape_and_clean_other_urls', 1),
    ],
    [
      started('git', 'process_github_urls', [2]),
      scraped(2, links[1].url, 'colony/pheromones', 'git'),
      finished('git', 'process_github_urls', 1),
      started('video', 'transcribe_youtube_urls', [3]),
      scraped(3, links[2].url, 'Following the trail: a talk', 'video'),
      finished('video', 'transcribe_youtube_urls', 1),
    ],
    [...round(1), ...round(2), ...round(3)],
    [
      article.SourcesSelected({
        decisions: [
          { source: 6, keep: false, reason: `Not about ants. ${hostile}` },
          { source: 7, keep: true, reason: 'Measures step counting in the field.' },
          { source: 8, keep: true, reason: 'Original experiment, with its data.' },
        ],
        by: 'model',
        note: null,
        selected_at: at,
      }),
      article.SourcesChosenForScraping({
        chosen: [{ source: 8, reason: 'The experiment that the others cite.' }],
        dropped: [],
        by: 'model',
        note: null,
        chosen_at: at,
      }),
      started('full', 'scrape_research_urls', [8]),
      scraped(8, 'https://found.example/8', 'How ants count their steps, part 8', 'full'),
      finished('full', 'scrape_research_urls', 1),
    ],
    [
      article.ResearchCompiled({
        research: ref,
        evidence: ref,
        compiler: 'research/1',
        through_version: 1,
        compiled_at: at,
      }),
    ],
  ]
}
