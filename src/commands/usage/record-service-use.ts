import { ServicesUsed, usageMonth, usageStream } from '../../events/usage/usage-events.ts'
import { observe } from '../../observed.ts'
import { costOf, type Prices } from '../../research/models/prices.ts'
import type { ServiceUse } from '../../research/service-use.ts'
import type { Caller, CommandDeps } from '../handle.ts'

export interface RecordServiceUse {
  /** The id of the call that the services worked for; its operation has the same. */
  callId: string
  articleId: string | null
  uses: readonly ServiceUse[]
}

/** Records what services did and what it cost, where a price is known. Uses that were paid twice count twice. */
export async function recordServiceUse(
  deps: Pick<CommandDeps, 'store' | 'now' | 'newId'> & { prices: Prices },
  caller: Caller,
  { callId, articleId, uses }: RecordServiceUse,
): Promise<void> {
  const now = deps.now()
  for (const use of uses) {
    observe('service', {
      service: use.service.slice(0, 200),
      requests: use.requests,
      tokens: use.inputTokens + use.outputTokens,
      costUsd: costOf(deps.prices, use),
    })
  }
  const event = ServicesUsed({
    call_id: callId,
    article_id: articleId,
    services: uses.map((use) => ({
      service: use.service.slice(0, 200),
      requests: use.requests,
      input_tokens: use.inputTokens,
      output_tokens: use.outputTokens,
      cost_usd: costOf(deps.prices, use),
    })),
    used_at: now.toISOString(),
  })
  const streamId = usageStream(caller.userId, usageMonth(now))
  const append = { streamId, events: [event], expectedVersion: 'any' } as const
  const key = `use-${deps.newId()}`
  await deps.store.append(caller.userId, [append], { metadata: caller.metadata, key })
}
