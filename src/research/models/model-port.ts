import type { z } from 'zod'

/** What one call used, for the cost ledger. */
export interface ModelUsage {
  /** `provider:model` */
  model: string
  inputTokens: number
  outputTokens: number
}

export interface ModelRequest {
  /** Ours alone. Text of others goes into `prompt`, fenced. */
  instructions: string
  prompt: string
  signal: AbortSignal
  maxOutputTokens?: number
}

export interface ObjectRequest<T> extends ModelRequest {
  schema: z.ZodType<T>
}

/** A language model as research sees it. Throws ModelFailure; an abort of `signal` is thrown as it is. */
export interface LanguageModelPort {
  /** `provider:model` */
  name: string
  object<T>(request: ObjectRequest<T>): Promise<T>
  text(request: ModelRequest): Promise<string>
  /** Only models that watch videos have it. The answer is Markdown with timestamps. */
  transcribeVideo?(url: string, signal: AbortSignal): Promise<string>
}
