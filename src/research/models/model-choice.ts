import type { Config } from '../../config.ts'

const modelProviders = ['google', 'openai', 'anthropic', 'compatible'] as const
export type ModelProvider = (typeof modelProviders)[number]

/** Used when NOVA_MODEL names no model; each is its provider's current fast tier, enough for judging. */
export const defaultModels = {
  google: 'gemini-3.8-flash',
  openai: 'gpt-5.4-mini',
  anthropic: 'claude-haiku-5-5',
} as const satisfies Partial<Record<ModelProvider, string>>

/** One model and how to reach it. */
export interface ModelChoice {
  provider: ModelProvider
  model: string
  apiKey: string | undefined
  baseUrl: string
}

/** Given to the SDK explicitly, because it would otherwise read addresses from the environment. */
const baseUrls = {
  google: 'https://generativelanguage.googleapis.com/v1beta',
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
} as const

export type ModelConfig = Pick<
  Config,
  | 'NOVA_MODEL'
  | 'GOOGLE_API_KEY'
  | 'OPENAI_API_KEY'
  | 'ANTHROPIC_API_KEY'
  | 'NOVA_MODEL_URL'
  | 'NOVA_MODEL_KEY'
>

/** The model that judges: NOVA_MODEL, else the first provider with a key; null when there is neither. */
export function chooseModel(config: ModelConfig): ModelChoice | null {
  const named = /^([a-z]+):(\S+)$/.exec(config.NOVA_MODEL ?? '')
  const provider = modelProviders.find((each) => each === named?.[1])
  if (provider && named?.[2]) return reachable(config, provider, named[2])
  return (
    defaultChoice(config, 'google') ??
    defaultChoice(config, 'openai') ??
    defaultChoice(config, 'anthropic')
  )
}

/** The provider's default model, when its key is set. */
export function defaultChoice(
  config: ModelConfig,
  provider: keyof typeof defaultModels,
): ModelChoice | null {
  return reachable(config, provider, defaultModels[provider])
}

function reachable(
  config: ModelConfig,
  provider: ModelProvider,
  model: string,
): ModelChoice | null {
  if (provider === 'compatible') {
    const baseUrl = config.NOVA_MODEL_URL
    return baseUrl ? { provider, model, apiKey: config.NOVA_MODEL_KEY, baseUrl } : null
  }
  const apiKey = {
    google: config.GOOGLE_API_KEY,
    openai: config.OPENAI_API_KEY,
    anthropic: config.ANTHROPIC_API_KEY,
  }[provider]
  return apiKey ? { provider, model, apiKey, baseUrl: baseUrls[provider] } : null
}
