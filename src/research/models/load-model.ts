import type { LanguageModel, ToolSet } from 'ai'
import type { HttpPort } from '../http-port.ts'
import { aiFetch } from './ai-fetch.ts'
import type { ModelChoice } from './model-choice.ts'

/** An SDK model together with the provider's own web search, where it has one. */
export interface LoadedModel {
  model: LanguageModel
  searchTools: ToolSet | null
}

/**
 * Builds the SDK's model. Imported when first used: the SDK costs tens of megabytes of memory, which a server
 * without a model key never pays.
 */
export async function loadModel(
  choice: ModelChoice,
  http: HttpPort,
  timeoutMs: number,
): Promise<LoadedModel> {
  const settings = {
    baseURL: choice.baseUrl,
    apiKey: choice.apiKey ?? '',
    fetch: aiFetch(http, timeoutMs),
  }
  switch (choice.provider) {
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google')
      const google = createGoogle(settings)
      const searchTools = { google_search: google.tools.googleSearch({}) }
      return { model: google(choice.model), searchTools }
    }
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai')
      const openai = createOpenAI(settings)
      return {
        model: openai(choice.model),
        searchTools: { web_search: openai.tools.webSearch({}) },
      }
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic')
      const anthropic = createAnthropic(settings)
      // The plain version of the tool: the later ones run code to filter, which costs more and is not needed.
      const searchTools = { web_search: anthropic.tools.webSearch_20250305({ maxUses: 5 }) }
      return { model: anthropic(choice.model), searchTools }
    }
    case 'compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      const compatible = createOpenAICompatible({
        ...settings,
        name: 'compatible',
        supportsStructuredOutputs: true,
      })
      return { model: compatible(choice.model), searchTools: null }
    }
  }
}
