import type { LanguageModelPort } from '../research/models/model-port.ts'
import type { SearchProvider } from '../research/search/search-provider.ts'
import type { GatherSource, SourceKind } from '../sources/source.ts'
import type { RenderPage } from '../sources/web/render-page.ts'

/** A service that is configured, and one small question to it. */
export interface LiveService {
  name: string
  /** Says which shape the answer had. Throws SearchFailure, ModelFailure or SourceFailure. */
  ask: (signal: AbortSignal) => Promise<string>
}

export interface LiveParts {
  providers: readonly SearchProvider[]
  model: LanguageModelPort | null
  gather: GatherSource
  renderers: readonly { name: string; render: RenderPage }[]
}

/** Small, old and public, so that what comes back says something of the service and not of the question. */
const asked = {
  query: 'What is event sourcing?',
  repository: 'https://github.com/octocat/Hello-World',
  video: 'https://www.youtube.com/watch?v=jNQXAC9IVRw',
  page: 'https://example.com/',
} as const

/** Everything outside that a run may ask, with a question that costs as little as one can. */
export const liveServices = ({ providers, model, gather, renderers }: LiveParts): LiveService[] => [
  ...providers.map((provider) => searchService(provider)),
  ...(model ? [modelService(model)] : []),
  sourceService('github', asked.repository, gather),
  sourceService('youtube', asked.video, gather),
  ...renderers.map(({ name, render }) => ({
    name,
    ask: async (signal: AbortSignal) => {
      const { markdown, converter } = await render(asked.page, signal)
      return `a page of ${markdown.length} characters (${converter})`
    },
  })),
]

const searchService = (provider: SearchProvider): LiveService => ({
  name: provider.name,
  async ask(signal) {
    const { answer, sources } = await provider.search(asked.query, { limit: 3, signal })
    const cited = sources.filter((source) => source.cited).length
    const dated = sources.filter((source) => source.published_at !== null).length
    const text = answer === null ? 'no text' : `a text of ${answer.length} characters`
    return `${text}, ${sources.length} sources, ${cited} cited, ${dated} with a date`
  },
})

const modelService = (model: LanguageModelPort): LiveService => ({
  name: model.name,
  async ask(signal) {
    const text = await model.text({
      instructions: 'Answer with one word.',
      prompt: 'Which colour has a clear sky at noon?',
      signal,
      maxOutputTokens: 500,
    })
    return `a text of ${text.trim().length} characters`
  },
})

const sourceService = (kind: SourceKind, url: string, gather: GatherSource): LiveService => ({
  name: kind,
  async ask(signal) {
    const { markdown, converter } = await gather({ kind, url, signal })
    return `${markdown.length} characters (${converter})`
  },
})
