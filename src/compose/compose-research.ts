import type { Config } from '../config.ts'
import { modelFromConfig } from '../research/models/model.ts'
import type { LanguageModelPort, ModelUsage } from '../research/models/model-port.ts'
import type { Prices } from '../research/models/prices.ts'
import { createSearch } from '../research/search/create-search.ts'
import { searchProvidersFromConfig } from '../research/search/providers-from-config.ts'
import type { SearchProvider } from '../research/search/search-provider.ts'
import { noteServiceUse } from '../research/service-use.ts'
import { createDocumentReader } from '../sources/extraction/document-reader.ts'
import { createGuidelineReader } from '../sources/extraction/guideline-reader.ts'
import { createNotebookReader } from '../sources/extraction/notebook-reader.ts'
import type { ExtractionPool } from '../sources/extraction/process/extraction-pool.ts'
import { createExtractionProcess } from '../sources/extraction/process/extraction-process.ts'
import { createGuardedFetch, type GuardedFetch } from '../sources/fetch/guarded-fetch.ts'
import type { ReadDocument } from '../sources/files/local-file.ts'
import type { ReadNotebook } from '../sources/files/notebook.ts'
import { createGatherer } from '../sources/gather.ts'
import { createGithubReader } from '../sources/github/github-reader.ts'
import type { ReadGuidelineLinks } from '../sources/guideline/guideline-links.ts'
import type { GatherSource } from '../sources/source.ts'
import { createFirecrawl } from '../sources/web/firecrawl.ts'
import type { RenderPage } from '../sources/web/render-page.ts'
import { createRenderService } from '../sources/web/render-service.ts'
import { createWebReader } from '../sources/web/web-source.ts'
import { createYoutubeReader } from '../sources/youtube/youtube-reader.ts'
import { type LiveService, liveServices } from './live-services.ts'

/** Everything that reaches out: a guarded fetch, and the adapters and models over it. */
export interface Outside {
  fetch: GuardedFetch
  gather: GatherSource
  readNotebook: ReadNotebook
  readDocument: ReadDocument
  readLinks: ReadGuidelineLinks
  model: LanguageModelPort | null
  search: SearchProvider
  /** Each service by itself, with a question that tells whether it answers as it should. */
  live: readonly LiveService[]
  /** What the operator pays for services. */
  prices: Prices
  /** What in the configuration could not be followed. */
  problems: readonly string[]
  close: () => Promise<void>
}

/** A provider that fails this often in a row is left alone for a while. */
const breaker = { failures: 3, pauseMs: 60_000, now: () => Date.now() }

/** `onBug` is told what broke a converter; the source is recorded as failed either way. */
export function composeOutside(
  config: Config,
  onBug: (report: string) => void = () => undefined,
): Outside {
  const bounds = {
    timeoutMs: config.NOVA_FETCH_TIMEOUT * 1000,
    maxBytes: config.NOVA_FETCH_MEGABYTES * 1024 * 1024,
    concurrency: config.NOVA_FETCH_CONCURRENCY,
    perHost: config.NOVA_FETCH_PER_HOST,
    userAgent: config.NOVA_USER_AGENT,
  }
  const allow = config.NOVA_FETCH_ALLOW
  const fetch = createGuardedFetch({ ...bounds, allow })
  // Apart, so that a service on a private address can be asked, and never read as a page of it.
  const services = createGuardedFetch({
    ...bounds,
    allow: [...allow, ...configuredEndpoints(config)],
  })
  const paid = {
    http: services,
    onUsage: ({ model, ...tokens }: ModelUsage) => noteServiceUse({ service: model, ...tokens }),
  }
  const model = modelFromConfig(config, paid)
  const search = searchProvidersFromConfig(config, paid)
  const extraction = createExtractionProcess({ onBug })
  const readNotebook = createNotebookReader(extraction)
  const named = renderers(config, services, extraction)
  const render = named.map((one) => one.render)
  const web = createWebReader({ fetch, extraction, render })
  const transcribe = model?.transcribeVideo?.bind(model)
  const gather = createGatherer({
    web,
    github: createGithubReader({
      fetch,
      readNotebook,
      apiUrl: config.NOVA_GITHUB_API_URL,
      archiveUrl: config.NOVA_GITHUB_ARCHIVE_URL,
      rawUrl: config.NOVA_GITHUB_RAW_URL,
      ...(config.GITHUB_TOKEN && { token: config.GITHUB_TOKEN }),
    }),
    youtube: createYoutubeReader({
      fetch,
      baseUrl: config.NOVA_YOUTUBE_URL,
      ...(transcribe && { transcribe }),
    }),
  })
  return {
    fetch,
    gather,
    readNotebook,
    readDocument: createDocumentReader(extraction),
    readLinks: createGuidelineReader(extraction),
    model,
    prices: new Map(config.NOVA_PRICES),
    search: createSearch(search.providers, breaker),
    live: liveServices({ providers: search.providers, model, gather, renderers: named }),
    problems: search.problems,
    close: async () => {
      await extraction.close()
      await Promise.all([fetch.close(), services.close()])
    },
  }
}

/** Browsers elsewhere for pages that need JavaScript; the operator's own one is asked first. */
function renderers(
  config: Config,
  services: GuardedFetch,
  extraction: ExtractionPool,
): { name: string; render: RenderPage }[] {
  const { NOVA_RENDER_URL, NOVA_RENDER_TOKEN: token, FIRECRAWL_API_KEY: apiKey } = config
  const found: { name: string; render: RenderPage }[] = []
  if (NOVA_RENDER_URL) {
    const service = createRenderService(services, extraction, { baseUrl: NOVA_RENDER_URL, token })
    found.push({ name: 'render', render: counted('render', service) })
  }
  if (apiKey) {
    const firecrawl = createFirecrawl(services, { baseUrl: config.NOVA_FIRECRAWL_URL, apiKey })
    found.push({ name: 'firecrawl', render: counted('firecrawl', firecrawl) })
  }
  return found
}

/** Counts a page that the service gave as a use of it. A page that it could not give is not paid for. */
const counted =
  (service: string, render: RenderPage): RenderPage =>
  async (url, signal) => {
    const page = await render(url, signal)
    noteServiceUse({ service })
    return page
  }

/** Endpoints that the operator named may be on a private network; nothing else there may be reached. */
function configuredEndpoints(config: Config) {
  const urls = [config.NOVA_SEARXNG_URL, config.NOVA_MODEL_URL, config.NOVA_RENDER_URL]
  return urls.flatMap((text) => {
    if (!text) return []
    const url = new URL(text)
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
    return [{ host: url.hostname.toLowerCase(), port }]
  })
}
