import type { GatheredSource } from '../source.ts'

/** Reads a page with a browser that runs elsewhere. Throws SourceFailure. */
export type RenderPage = (url: string, signal: AbortSignal) => Promise<GatheredSource>
