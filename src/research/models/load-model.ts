import type { LanguageModel, ToolSet } from 'ai'
import { SourceFailure } from '../../sources/source-failure.ts'
import type { HttpPort } from '../http-port.ts'
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

const answerBytesMax = 20_000_000

/**
 * The guarded fetch in the shape that the AI SDK takes, so that a model's endpoint is reached through the
 * same guard as everything else. Streams are not passed on: we never ask for one.
 */
function aiFetch(http: HttpPort, timeoutMs: number): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    try {
      const answer = await http.fetch({
        url: request.url,
        method: request.method === 'GET' ? 'GET' : 'POST',
        headers: Object.fromEntries(request.headers),
        ...(request.method !== 'GET' && { body: await request.text() }),
        signal: request.signal,
        accept: 'application/json',
        maxBytes: answerBytesMax,
        timeoutMs,
        obeyRobots: false,
        retries: 0,
      })
      return new Response(Uint8Array.from(answer.bytes), {
        status: answer.status,
        headers: readableHeaders(answer.headers),
      })
    } catch (error) {
      if (error instanceof SourceFailure && lost.has(error.reason)) throw connectionError(error)
      throw error
    }
  }
}

/** The body was decoded on the way, so headers about its encoding would be untrue. */
function readableHeaders(headers: Headers): Headers {
  const kept = new Headers(headers)
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name)
  return kept
}

const lost: ReadonlySet<string> = new Set(['CONNECTION', 'DNS'])

/** The SDK tries again only after the error that the platform's fetch throws for a lost connection. */
const connectionError = (cause: SourceFailure) => new TypeError('fetch failed', { cause })
