import { channel } from 'node:diagnostics_channel'

/**
 * What layers say of their work to whoever listens, without knowing whom: the metrics do, when there are
 * any. Nothing here names a user or holds what one wrote.
 */
export interface Observed {
  request: { method: string; route: string; status: number; ms: number }
  tool: { tool: string; outcome: 'done' | 'refused' | 'broken'; ms: number }
  refusal: { code: string }
  append: { events: number; ms: number; outcome: 'appended' | 'conflict' | 'failed' }
  fetch: { outcome: string; ms: number }
  service: { service: string; requests: number; tokens: number; costUsd: number | null }
}

type Name = keyof Observed

const nameOf = (name: Name) => `nova:${name}`

/** Costs a look at a list when nobody listens. */
export function observe<N extends Name>(name: N, what: Observed[N]): void {
  const { hasSubscribers } = channelOf(name)
  if (hasSubscribers) channelOf(name).publish(what)
}

const channels = new Map<Name, ReturnType<typeof channel>>()

function channelOf(name: Name) {
  let found = channels.get(name)
  if (!found) {
    found = channel(nameOf(name))
    channels.set(name, found)
  }
  return found
}

/** Calls the listener for each, until the answer is called. */
export function onObserved<N extends Name>(
  name: N,
  listener: (what: Observed[N]) => void,
): () => void {
  const take = (message: unknown) => listener(message as Observed[N])
  channelOf(name).subscribe(take)
  return () => void channelOf(name).unsubscribe(take)
}
