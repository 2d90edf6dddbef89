import { createHash, timingSafeEqual } from 'node:crypto'
import type { Metrics } from './create-metrics.ts'

/** Figures, and who may read them. */
export interface OfferedMetrics {
  metrics: Metrics
  /** Undefined on loopback only: whoever can ask may know. */
  token: string | undefined
}

/** Takes as long for a wrong token as for a right one. */
export function mayRead({ token }: OfferedMetrics, authorization: string | undefined): boolean {
  return token === undefined || timingSafeEqual(hash(authorization ?? ''), hash(`Bearer ${token}`))
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
