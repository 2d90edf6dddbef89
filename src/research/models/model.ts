import type { LanguageModelUsage } from 'ai'
import type { z } from 'zod'
import type { HttpPort } from '../http-port.ts'
import { callModel } from './call-model.ts'
import { type LoadedModel, loadModel } from './load-model.ts'
import { chooseModel, type ModelChoice, type ModelConfig } from './model-choice.ts'
import { ModelFailure } from './model-failure.ts'
import type { LanguageModelPort, ModelRequest, ModelUsage, ObjectRequest } from './model-port.ts'
import { transcribePrompt } from './prompts.ts'

export interface ModelDeps {
  http: HttpPort
  /** Told of every call that was answered, also when the answer could not be used: it was paid for. */
  onUsage?: (usage: ModelUsage) => void
  /** For one call with its retries; default two minutes. */
  timeoutMs?: number
}

const outputTokensDefault = 8_000
const videoOutputTokens = 60_000
const videoTimeoutMs = 600_000

/** The model that the configuration names or implies; null means: heuristics decide. */
export function modelFromConfig(config: ModelConfig, deps: ModelDeps): LanguageModelPort | null {
  const choice = chooseModel(config)
  return choice ? createModel(choice, deps) : null
}

/** A model by choice. Nothing is loaded or called before the first request. */
export function createModel(choice: ModelChoice, deps: ModelDeps): LanguageModelPort {
  const name = `${choice.provider}:${choice.model}`
  const timeoutMs = deps.timeoutMs ?? 120_000
  let loading: Promise<LoadedModel> | undefined
  const load = () => {
    loading ??= loadModel(choice, deps.http, videoTimeoutMs)
    return loading
  }
  const used = (usage: LanguageModelUsage) =>
    deps.onUsage?.({
      model: name,
      inputTokens: usage.inputTokens ?? 0,
      outputTokens: usage.outputTokens ?? 0,
    })
  const port: LanguageModelPort = {
    name,
    object: (request) => askObject({ load, used, timeoutMs }, request),
    text: (request) => askText({ load, used, timeoutMs }, request),
  }
  if (choice.provider === 'google') {
    port.transcribeVideo = (url, signal) => transcribe({ load, used }, url, signal)
  }
  return port
}

interface Calling {
  load: () => Promise<LoadedModel>
  used: (usage: LanguageModelUsage) => void
  timeoutMs: number
}

function askObject<T>(calling: Calling, request: ObjectRequest<T>): Promise<T> {
  return callModel({ ...calling, signal: request.signal }, async (ai, options) => {
    const { model } = await calling.load()
    try {
      const result = await ai.generateText({
        ...options,
        model,
        instructions: request.instructions,
        prompt: request.prompt,
        maxOutputTokens: request.maxOutputTokens ?? outputTokensDefault,
        output: ai.Output.object({ schema: request.schema }),
      })
      calling.used(result.usage)
      return result.output
    } catch (error) {
      if (!ai.NoObjectGeneratedError.isInstance(error)) throw error
      if (error.usage) calling.used(error.usage)
      const repaired = repairObject(error.text, request.schema)
      if (repaired === null) throw new ModelFailure('BAD_ANSWER', { cause: error })
      return repaired
    }
  })
}

function askText(calling: Calling, request: ModelRequest): Promise<string> {
  return callModel({ ...calling, signal: request.signal }, async (ai, options) => {
    const { model } = await calling.load()
    const result = await ai.generateText({
      ...options,
      model,
      instructions: request.instructions,
      prompt: request.prompt,
      maxOutputTokens: request.maxOutputTokens ?? outputTokensDefault,
    })
    calling.used(result.usage)
    return someText(result.text)
  })
}

/** Gemini watches public videos by their address; the file itself is not sent. */
function transcribe(
  calling: Omit<Calling, 'timeoutMs'>,
  url: string,
  signal: AbortSignal,
): Promise<string> {
  return callModel({ signal, timeoutMs: videoTimeoutMs }, async (ai, options) => {
    const { model } = await calling.load()
    const { instructions, prompt } = transcribePrompt()
    const result = await ai.generateText({
      ...options,
      model,
      instructions,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: prompt },
            { type: 'file', data: url, mediaType: 'video/mp4' },
          ],
        },
      ],
      maxOutputTokens: videoOutputTokens,
    })
    calling.used(result.usage)
    return someText(result.text)
  })
}

function someText(text: string): string {
  if (text.trim() === '') throw new ModelFailure('BAD_ANSWER')
  return text
}

/**
 * Small local models wrap the JSON they were asked for in prose or a code fence. Takes the outermost braces
 * and lets the schema decide; null when that is no object of the schema.
 */
function repairObject<T>(text: string | undefined, schema: z.ZodType<T>): T | null {
  const from = text?.indexOf('{') ?? -1
  const to = text?.lastIndexOf('}') ?? -1
  if (!text || from < 0 || to < from) return null
  try {
    const parsed = schema.safeParse(JSON.parse(text.slice(from, to + 1)))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
