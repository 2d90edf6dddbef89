import type { generateText } from 'ai'
import type { HttpPort } from '../http-port.ts'
import { callModel } from '../models/call-model.ts'
import { type LoadedModel, loadModel } from '../models/load-model.ts'
import type { ModelChoice } from '../models/model-choice.ts'
import { ModelFailure } from '../models/model-failure.ts'
import type { ModelUsage } from '../models/model-port.ts'
import { searchPrompt } from '../models/prompts.ts'
import { boundAnswer } from './bound-answer.ts'
import { type CitedPart, citeParts } from './cite-parts.ts'
import { readGrounding, redirectResolver } from './google-grounding.ts'
import { withMendedCitations } from './mend-citations.ts'
import { answerTimeoutMs } from './provider-settings.ts'
import { SearchFailure } from './search-failure.ts'
import type { SearchProvider } from './search-provider.ts'

type Generated = Awaited<ReturnType<typeof generateText>>

export interface ModelSearchSettings {
  http: HttpPort
  onUsage?: ((usage: ModelUsage) => void) | undefined
  timeoutMs?: number
}

/** A model's own web search (Gemini, OpenAI, Anthropic): it searches, reads and writes a cited answer. */
export function modelSearch(choice: ModelChoice, settings: ModelSearchSettings): SearchProvider {
  const timeoutMs = settings.timeoutMs ?? answerTimeoutMs
  const mended = withMendedCitations(settings.http, choice.provider)
  let loading: Promise<LoadedModel> | undefined
  const load = () => {
    loading ??= loadModel(choice, mended, timeoutMs)
    return loading
  }
  return {
    name: choice.provider,
    async search(query, { limit, signal }) {
      const result = await ask(choice.provider, load, { query, signal, timeoutMs })
      settings.onUsage?.({
        model: `${choice.provider}:${choice.model}`,
        inputTokens: result.usage.inputTokens ?? 0,
        outputTokens: result.usage.outputTokens ?? 0,
      })
      const cited = await citedParts(choice.provider, result, settings.http, signal)
      const answer = boundAnswer({
        provider: choice.provider,
        limit,
        cost: { unit: 'requests', amount: 1 },
        ...citeParts(cited.parts, cited.pages),
      })
      // Without a source it answered from memory, which is no research.
      if (answer.sources.length > 0) return answer
      throw new SearchFailure('BAD_ANSWER', choice.provider, 'it did not search')
    },
  }
}

async function ask(
  provider: string,
  load: () => Promise<LoadedModel>,
  asking: { query: string; signal: AbortSignal; timeoutMs: number },
): Promise<Generated> {
  try {
    return await callModel(asking, async (ai, options) => {
      const { model, searchTools } = await load()
      if (!searchTools) throw new SearchFailure('NOT_CONFIGURED', provider, 'no web search')
      const result = await ai.generateText({
        ...options,
        ...searchPrompt(asking.query),
        model,
        tools: searchTools,
        maxOutputTokens: 8_000,
      })
      if (result.text.trim() === '') throw new ModelFailure('BAD_ANSWER')
      return result as Generated
    })
  } catch (error) {
    if (error instanceof ModelFailure) {
      if (error.cause instanceof SearchFailure) throw error.cause
      throw new SearchFailure(error.reason, provider, undefined, { cause: error })
    }
    throw error
  }
}

/** The text with its citations, and every page that the model saw. */
async function citedParts(
  provider: string,
  result: Generated,
  http: HttpPort,
  signal: AbortSignal,
): Promise<{ parts: CitedPart[]; pages: { url: string; title: string | undefined }[] }> {
  if (provider === 'google') {
    const metadata = result.finalStep.providerMetadata
    const resolve = redirectResolver(http, signal)
    const { part, pages } = await readGrounding(result.text, metadata, resolve)
    return { parts: [part], pages }
  }
  const parts = result.content.flatMap((part) => {
    if (part.type !== 'text') return []
    const citations = (part.citations ?? []).flatMap(({ source, endIndex, citedText }) =>
      source.sourceType === 'url'
        ? [{ url: source.url, title: source.title, end: endIndex, passage: citedText }]
        : [],
    )
    return [{ text: part.text, citations }]
  })
  const pages = result.sources.flatMap((source) =>
    source.sourceType === 'url' ? [{ url: source.url, title: source.title }] : [],
  )
  return { parts, pages }
}
