import type { Config } from '../../config.ts'
import type { HttpPort } from '../http-port.ts'
import { chooseModel, defaultChoice, type ModelConfig } from '../models/model-choice.ts'
import type { ModelUsage } from '../models/model-port.ts'
import { arxiv } from './arxiv.ts'
import { brave } from './brave.ts'
import { crossref } from './crossref.ts'
import { exa } from './exa.ts'
import { modelSearch } from './model-search.ts'
import { perplexity } from './perplexity.ts'
import type { SearchProvider } from './search-provider.ts'
import { searxng } from './searxng.ts'
import { tavily } from './tavily.ts'
import { wikipedia } from './wikipedia.ts'

export type SearchConfig = ModelConfig &
  Pick<
    Config,
    | 'NOVA_SEARCH'
    | 'NOVA_SEARXNG_URL'
    | 'PPLX_API_KEY'
    | 'NOVA_PERPLEXITY_URL'
    | 'TAVILY_API_KEY'
    | 'BRAVE_API_KEY'
    | 'EXA_API_KEY'
  >

export interface SearchDeps {
  http: HttpPort
  onUsage?: (usage: ModelUsage) => void
}

type MakeProvider = (config: SearchConfig, deps: SearchDeps) => SearchProvider | null

/** Every provider, best first: those that write a cited answer before those that only list pages. */
const providers: Record<string, { needs: string; make: MakeProvider; byNameOnly?: true }> = {
  perplexity: {
    needs: 'PPLX_API_KEY',
    make: (config, deps) =>
      config.PPLX_API_KEY
        ? perplexity({ ...deps, apiKey: config.PPLX_API_KEY, baseUrl: config.NOVA_PERPLEXITY_URL })
        : null,
  },
  google: { needs: 'GOOGLE_API_KEY', make: (config, deps) => nativeSearch('google', config, deps) },
  openai: { needs: 'OPENAI_API_KEY', make: (config, deps) => nativeSearch('openai', config, deps) },
  anthropic: {
    needs: 'ANTHROPIC_API_KEY',
    make: (config, deps) => nativeSearch('anthropic', config, deps),
  },
  exa: {
    needs: 'EXA_API_KEY',
    make: (config, deps) =>
      config.EXA_API_KEY ? exa({ ...deps, apiKey: config.EXA_API_KEY }) : null,
  },
  brave: {
    needs: 'BRAVE_API_KEY',
    make: (config, deps) =>
      config.BRAVE_API_KEY ? brave({ ...deps, apiKey: config.BRAVE_API_KEY }) : null,
  },
  searxng: {
    needs: 'NOVA_SEARXNG_URL',
    make: (config, deps) =>
      config.NOVA_SEARXNG_URL ? searxng({ ...deps, baseUrl: config.NOVA_SEARXNG_URL }) : null,
  },
  tavily: { needs: '', make: (config, deps) => tavily({ ...deps, apiKey: config.TAVILY_API_KEY }) },
  wikipedia: { needs: '', byNameOnly: true, make: (_config, deps) => wikipedia(deps) },
  arxiv: { needs: '', byNameOnly: true, make: (_config, deps) => arxiv(deps) },
  crossref: { needs: '', byNameOnly: true, make: (_config, deps) => crossref(deps) },
}

/** The names that NOVA_SEARCH takes. */
const searchProviderNames = Object.keys(providers)

export interface ConfiguredSearch {
  /** In the order in which they are asked. */
  providers: SearchProvider[]
  /** What in NOVA_SEARCH could not be followed, one sentence each, for the start-up log and `nova doctor`. */
  problems: string[]
}

/**
 * The providers to ask, in order: those that NOVA_SEARCH names, else every one with its own key or address.
 * No provider is asked without the operator's word: keyless providers only when named.
 */
export function searchProvidersFromConfig(
  config: SearchConfig,
  deps: SearchDeps,
): ConfiguredSearch {
  const named = config.NOVA_SEARCH?.split(',').map((name) => name.trim().toLowerCase())
  if (!named) return { providers: impliedProviders(config, deps), problems: [] }
  const configured: ConfiguredSearch = { providers: [], problems: [] }
  for (const name of new Set(named.filter(Boolean))) {
    const spec = Object.hasOwn(providers, name) ? providers[name] : undefined
    const provider = spec?.make(config, deps)
    if (provider) configured.providers.push(provider)
    else configured.problems.push(`NOVA_SEARCH names ${name}, which ${problemOf(spec?.needs)}.`)
  }
  return configured
}

const problemOf = (needs: string | undefined) =>
  needs ? `needs ${needs}` : `is none of ${searchProviderNames.join(', ')}`

const impliedProviders = (config: SearchConfig, deps: SearchDeps): SearchProvider[] =>
  Object.entries(providers).flatMap(([name, spec]) => {
    if (spec.byNameOnly || (name === 'tavily' && !config.TAVILY_API_KEY)) return []
    return spec.make(config, deps) ?? []
  })

function nativeSearch(
  provider: 'google' | 'openai' | 'anthropic',
  config: SearchConfig,
  deps: SearchDeps,
): SearchProvider | null {
  const judging = chooseModel(config)
  const choice = judging?.provider === provider ? judging : defaultChoice(config, provider)
  return choice ? modelSearch(choice, deps) : null
}
