import type { HttpPort } from '../http-port.ts'

/** What every keyed or keyless HTTP provider needs; `baseUrl` differs from the default in tests and proxies. */
export interface ProviderSettings {
  http: HttpPort
  baseUrl?: string
  apiKey?: string | undefined
  timeoutMs?: number
}

export const searchTimeoutMs = 20_000

/** Providers that write an answer think first, so they get longer. */
export const answerTimeoutMs = 90_000

/** Joins a base address that may end in a slash or hold a path with an API's own path. */
export const apiUrl = (base: string, path: string): string => base.replace(/\/+$/, '') + path
