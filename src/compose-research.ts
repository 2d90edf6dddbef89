import type { Config } from './config.ts'
import { modelFromConfig } from './research/model.ts'
import type { LanguageModelPort } from './research/model-port.ts'
import { createSearch } from './research/search/create-search.ts'
import { searchProvidersFromConfig } from './research/search/providers-from-config.ts'
import type { SearchProvider } from './research/search/search-provider.ts'
import { createExtractionProcess } from './sources/extraction/extraction-process.ts'
import { createNotebookReader } from './sources/extraction/notebook-reader.ts'
import { createGuardedFetch, type GuardedFetch } from './sources/fetch/guarded-fetch.ts'
import type { ReadNotebook } from './sources/files/notebook.ts'
import { createGatherer } from './sources/gather.ts'
import { createGithubReader } from './sources/github/github-reader.ts'
import type { GatherSource } from './sources/source.ts'
import { createWebReader } from './sources/web/web-source.ts'
import { createYoutubeReader } from './sources/youtube/youtube-reader.ts'

/** Everything that reaches out: one guarded fetch, and the adapters and models over it. */
export interface Outside {
  fetch: GuardedFetch
  gather: GatherSource
  readNotebook: ReadNotebook
  model: LanguageModelPort | null
  search: SearchProvider
  /** What in the configuration could not be followed. */
  problems: readonly string[]
  close: () => Promise<void>
}

/** A provider that fails this often in a row is left alone for a while. */
const breaker = { failures: 3, pauseMs: 60_000, now: () => Date.now() }

export function composeOutside(config: Config): Outside {
  const fetch = createGuardedFetch({
    allow: [...config.NOVA_FETCH_ALLOW, ...configuredEndpoints(config)],
    timeoutMs: config.NOVA_FETCH_TIMEOUT * 1000,
    maxBytes: config.NOVA_FETCH_MEGABYTES * 1024 * 1024,
    concurrency: config.NOVA_FETCH_CONCURRENCY,
    perHost: config.NOVA_FETCH_PER_HOST,
    userAgent: config.NOVA_USER_AGENT,
  })
  const model = modelFromConfig(config, { http: fetch })
  const search = searchProvidersFromConfig(config, { http: fetch })
  const extraction = createExtractionProcess()
  const readNotebook = createNotebookReader(extraction)
  const web = createWebReader({
    fetch,
    extraction,
    ...(config.FIRECRAWL_API_KEY && {
      firecrawl: { baseUrl: config.NOVA_FIRECRAWL_URL, apiKey: config.FIRECRAWL_API_KEY },
    }),
  })
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
    model,
    search: createSearch(search.providers, breaker),
    problems: search.problems,
    close: async () => {
      await extraction.close()
      await fetch.close()
    },
  }
}

/** Endpoints that the operator named may be on a private network; nothing else there may be reached. */
function configuredEndpoints(config: Config) {
  const urls = [config.NOVA_SEARXNG_URL, config.NOVA_MODEL_URL]
  return urls.flatMap((text) => {
    if (!text) return []
    const url = new URL(text)
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
    return [{ host: url.hostname.toLowerCase(), port }]
  })
}
