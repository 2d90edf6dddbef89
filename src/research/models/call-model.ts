import type { generateText } from 'ai'
import { SourceFailure } from '../../sources/source-failure.ts'
import { ModelFailure, type ModelFailureReason } from './model-failure.ts'

type Ai = typeof import('ai')
type GenerateOptions = Parameters<typeof generateText>[0]

/** Tries after the first one, spaced by the SDK with growing waits; more would pile up behind an outage. */
const modelRetries = 2

/** The SDK, imported when first used, and told to keep its warnings off stdout, which may speak MCP. */
async function loadAi(): Promise<Ai> {
  const ai = await import('ai')
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })
  return ai
}

/** Runs one call under a time limit and turns every way to fail into ModelFailure. */
export async function callModel<T>(
  limits: { signal: AbortSignal; timeoutMs: number },
  call: (ai: Ai, options: Pick<GenerateOptions, 'abortSignal' | 'maxRetries'>) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = limits
  signal.throwIfAborted()
  const ai = await loadAi()
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    return await call(ai, {
      abortSignal: AbortSignal.any([signal, timeout]),
      maxRetries: modelRetries,
    })
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof ModelFailure) throw cause
    throw new ModelFailure(timeout.aborted ? 'TIMEOUT' : reasonOf(ai, cause), { cause })
  }
}

function reasonOf(ai: Ai, error: unknown): ModelFailureReason {
  if (ai.RetryError.isInstance(error)) return reasonOf(ai, error.lastError)
  if (error instanceof SourceFailure) return error.reason === 'TIMEOUT' ? 'TIMEOUT' : 'UNAVAILABLE'
  if (ai.APICallError.isInstance(error)) {
    const status = error.statusCode
    if (status === 429) return 'RATE_LIMITED'
    if (status === 401 || status === 403) return 'UNAUTHORIZED'
    // A 200 that the SDK could not read is an answer, and a bad one.
    return status === 200 ? 'BAD_ANSWER' : 'UNAVAILABLE'
  }
  return ai.AISDKError.isInstance(error) ? 'BAD_ANSWER' : 'UNAVAILABLE'
}
