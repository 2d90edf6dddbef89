import { AccessRefused, accessStream, serverUserId } from '../../events/people/access-events.ts'
import type { CommandDeps } from '../handle.ts'

export interface RefusalWindow {
  /** By kind, most frequent first. */
  refusals: readonly { reason: string; network: string; count: number }[]
  /** Refusals of kinds that are not told apart. */
  others: number
  beganAt: Date
}

/** Puts on record which requests were refused since a moment. */
export async function recordRefusals(
  deps: Pick<CommandDeps, 'store' | 'now' | 'newId'>,
  { refusals, others, beganAt }: RefusalWindow,
): Promise<void> {
  const now = deps.now()
  const event = AccessRefused({
    refusals: [...refusals],
    others,
    began_at: beganAt.toISOString(),
    ended_at: now.toISOString(),
  })
  await deps.store.append(
    serverUserId,
    [{ streamId: accessStream(now), events: [event], expectedVersion: 'any' }],
    { metadata: { actor: 'job' }, key: `refusals-${deps.newId()}` },
  )
}
