import { ModelFailure } from '../../research/models/model-failure.ts'
import { SearchFailure } from '../../research/search/search-failure.ts'
import { SourceFailure } from '../../sources/source-failure.ts'
import type { Finding } from './gains.ts'

/** A configured service, and a question to it that says which shape the answer had. */
interface Service {
  name: string
  ask: (signal: AbortSignal) => Promise<string>
}

const limitMs = 120_000

/** Asks every service once, all at the same time, and says in our words what came back or why nothing did. */
export const probeLive = (
  services: readonly Service[],
  stopping: AbortSignal,
): Promise<Finding[]> =>
  Promise.all(
    services.map(async ({ name, ask }) => {
      const started = performance.now()
      const signal = AbortSignal.any([stopping, AbortSignal.timeout(limitMs)])
      const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
      try {
        return { state: 'ok', name, detail: `${await ask(signal)}; ${seconds()}` } as const
      } catch (error) {
        stopping.throwIfAborted()
        return { state: stateOf(error), name, detail: `${said(error)}; ${seconds()}` }
      }
    }),
  )

/** What a service asks to be tried later says nothing of the configuration. */
const stateOf = (error: unknown): Finding['state'] =>
  'reason' in Object(error) && (error as { reason: string }).reason === 'RATE_LIMITED'
    ? 'note'
    : 'broken'

function said(error: unknown): string {
  const isOurs =
    error instanceof SearchFailure ||
    error instanceof SourceFailure ||
    error instanceof ModelFailure
  if (isOurs) return `${error.reason}: ${error.message}`
  return error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : 'failed'
}
