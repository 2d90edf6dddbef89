/** Whose turn it is: bounds on requests in flight, over all hosts and per host, with a pause between. */
export interface HostTurns {
  /** Waits for a turn; the function it gives ends the turn and may be called twice. */
  take: (host: string | null, signal: AbortSignal, pauseMs?: number) => Promise<() => void>
  /** No turn on this host before then: it asked us to come back later. */
  holdOff: (host: string, ms: number) => void
}

interface Waiter {
  host: string | null
  pauseMs: number
  start: () => void
}

interface HostState {
  inFlight: number
  nextStart: number
}

/** `host: null` counts against the total only, for APIs whose limits the operator pays for. */
export function createHostTurns(settings: { concurrency: number; perHost: number }): HostTurns {
  const hosts = new Map<string, HostState>()
  const waiting = new Set<Waiter>()
  let inFlight = 0
  let timer: NodeJS.Timeout | undefined

  const stateOf = (host: string): HostState => {
    const known = hosts.get(host)
    if (known) return known
    forgetQuietHosts(hosts)
    const fresh = { inFlight: 0, nextStart: 0 }
    hosts.set(host, fresh)
    return fresh
  }

  function startWhoMay(): void {
    clearTimeout(timer)
    const now = performance.now()
    let wakeAt = Number.POSITIVE_INFINITY
    for (const waiter of waiting) {
      if (inFlight >= settings.concurrency) return
      const state = waiter.host === null ? undefined : stateOf(waiter.host)
      if (state && state.inFlight >= settings.perHost) continue
      if (state && state.nextStart > now) {
        wakeAt = Math.min(wakeAt, state.nextStart)
        continue
      }
      inFlight += 1
      if (state) {
        state.inFlight += 1
        state.nextStart = Math.max(state.nextStart, now + waiter.pauseMs)
      }
      waiting.delete(waiter)
      waiter.start()
    }
    if (Number.isFinite(wakeAt)) timer = setTimeout(startWhoMay, Math.max(1, wakeAt - now))
  }

  const end = (host: string | null) => {
    inFlight -= 1
    if (host !== null) stateOf(host).inFlight -= 1
    startWhoMay()
  }

  return {
    take(host, signal, pauseMs = 0) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const giveUp = () => {
          waiting.delete(waiter)
          reject(signal.reason)
          startWhoMay()
        }
        const waiter: Waiter = {
          host,
          pauseMs,
          start() {
            signal.removeEventListener('abort', giveUp)
            let ended = false
            resolve(() => {
              if (ended) return
              ended = true
              end(host)
            })
          },
        }
        signal.addEventListener('abort', giveUp, { once: true })
        waiting.add(waiter)
        startWhoMay()
      })
    },
    holdOff(host, ms) {
      const state = stateOf(host)
      state.nextStart = Math.max(state.nextStart, performance.now() + ms)
    },
  }
}

/** Keeps the table of hosts small over a long life; a quiet host has nothing left to remember. */
function forgetQuietHosts(hosts: Map<string, HostState>): void {
  if (hosts.size < 1000) return
  const now = performance.now()
  for (const [host, state] of hosts) {
    if (state.inFlight === 0 && state.nextStart <= now) hosts.delete(host)
  }
}
