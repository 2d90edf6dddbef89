import { isIPv4, isIPv6 } from 'node:net'
import { type RefusalWindow, recordRefusals } from '../../commands/people/record-refusals.ts'
import type { Refusal, RefusalCode } from '../../errors.ts'
import { refusalKindsMax } from '../../events/people/access-events.ts'
import { TokenProblem } from '../auth/token-problem.ts'
import type { HttpDeps } from './http-deps.ts'

const windowMs = 60_000

/** Refusals of access. That no token came is how every client begins, and no attempt at anything. */
const counted: ReadonlySet<RefusalCode> = new Set([
  'SCOPE_MISSING',
  'ORIGIN_REFUSED',
  'LINK_INVALID',
  'ARTICLE_NOT_FOUND',
  'TOKEN_NOT_FOUND',
  'RATE_LIMITED',
])

/** Counts refused requests, and puts one event a minute on record, so that a flood costs no more. */
export class RefusalTally {
  readonly #deps: Pick<HttpDeps, 'store' | 'now' | 'newId' | 'log'>
  readonly #counts = new Map<string, RefusalWindow['refusals'][number]>()
  #others = 0
  #beganAt: Date | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(deps: Pick<HttpDeps, 'store' | 'now' | 'newId' | 'log'>) {
    this.#deps = deps
  }

  refused(refusal: Refusal, address: string): void {
    const reason = reasonOf(refusal)
    if (reason) this.count(reason, address)
  }

  count(reason: string, address: string): void {
    this.#beganAt ??= this.#deps.now()
    this.#timer ??= setTimeout(() => void this.flush(), windowMs).unref()
    const network = networkOf(address)
    const key = `${reason} ${network}`
    const known = this.#counts.get(key)
    if (!known && this.#counts.size >= refusalKindsMax) this.#others += 1
    else this.#counts.set(key, { reason, network, count: (known?.count ?? 0) + 1 })
  }

  /** Records what was counted since the last time; nothing when nothing was. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const [beganAt, others] = [this.#beganAt, this.#others]
    if (!beganAt) return
    const refusals = [...this.#counts.values()].sort((a, b) => b.count - a.count)
    this.#counts.clear()
    this.#others = 0
    this.#beganAt = null
    try {
      await recordRefusals(this.#deps, { refusals, others, beganAt })
    } catch (error) {
      this.#deps.log.error({ err: error, refusals, others }, 'refusals not recorded')
    }
  }
}

function reasonOf({ code, cause }: Refusal): string | null {
  if (cause instanceof TokenProblem) return cause.code
  return counted.has(code) ? code : null
}

/**
 * The network of an address: three parts of four, or the first 48 of 128 bits. It tells who floods, and it
 * may be kept for ever, which the address of a person may not.
 */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(plain)) return plain.replace(/\.\d+$/, '.0/24')
  if (!isIPv6(plain)) return 'unknown'
  const [before = '', after] = plain.split('%')[0]?.split('::') ?? []
  const head = before ? before.split(':') : []
  const tail = after ? after.split(':') : []
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail].slice(0, 3)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/48`
}
