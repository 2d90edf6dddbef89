import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { percentiles } from '../store/measure.ts'

const pauseMs = 4
const longestMs = 180_000

/**
 * Milliseconds from the moment at which a position was handed out to the one at which the projections of calls have
 * folded it, sampled until `work` is done and folded.
 */
export async function lagDuring(
  pool: pg.Pool,
  work: () => Promise<unknown>,
): Promise<{ p50: number; p99: number }> {
  const lags: number[] = []
  const pending: { position: number; at: number }[] = []
  let working = true
  const sample = async () => {
    const { rows } = await pool.query<{ last: number; seen: number }>(
      `select last_value::float8 as last, (select min(position)::float8 from nova.projections
         where status = 'live' and name in ('usage', 'tool_calls', 'audit')) as seen
       from nova.position_seq`,
    )
    const [row] = rows
    const now = performance.now()
    if (!row) return
    while (pending[0] && pending[0].position <= row.seen) {
      const [folded] = pending.splice(0, 1)
      if (folded) lags.push(now - folded.at)
    }
    const newest = pending.at(-1)?.position ?? row.seen
    if (row.last > newest) pending.push({ position: row.last, at: now })
  }
  const watching = (async () => {
    for (const end = performance.now() + longestMs; working || pending.length > 0; ) {
      if (performance.now() > end) throw new Error('the projections of calls do not follow')
      await sample()
      await delay(pauseMs)
    }
  })()
  try {
    await work()
  } finally {
    working = false
    await watching
  }
  return percentiles(lags)
}
