import { AsyncLocalStorage } from 'node:async_hooks'

/** What a paid service did for one piece of work. */
export interface ServiceUse {
  /** `provider:model` of a model, else the name of the service. */
  service: string
  requests: number
  inputTokens: number
  outputTokens: number
}

const atWork = new AsyncLocalStorage<Map<string, ServiceUse>>()

/** Notes what a service did, for whatever piece of work is being measured; nowhere else does it count. */
export function noteServiceUse(use: { service: string } & Partial<ServiceUse>): void {
  const uses = atWork.getStore()
  if (!uses) return
  const { service, requests = 1, inputTokens = 0, outputTokens = 0 } = use
  const sum = uses.get(service) ?? { service, requests: 0, inputTokens: 0, outputTokens: 0 }
  sum.requests += requests
  sum.inputTokens += inputTokens
  sum.outputTokens += outputTokens
  uses.set(service, sum)
}

/**
 * Runs a piece of work and hands over what services did for it, however it ends: a failed answer was paid for
 * too. Who asked need not be passed down through research, which does not know users.
 */
export async function measureServiceUse<T>(
  work: () => Promise<T>,
  record: (uses: ServiceUse[]) => Promise<void>,
): Promise<T> {
  const uses = new Map<string, ServiceUse>()
  try {
    return await atWork.run(uses, work)
  } finally {
    if (uses.size > 0) await record([...uses.values()])
  }
}
