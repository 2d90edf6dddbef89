import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { processTree } from '../runs/process-tree.ts'

/** Reads the processor time of something, in seconds; null where there is no /proc. */
export type ReadProcessorTime = () => Promise<number | null>

/** The server's own process. */
export const ofProcess =
  (pid: number): ReadProcessorTime =>
  async () => {
    const [own] = await processTree(pid)
    return own && own.memory_mb > 0 ? own.cpu_s : null
  }

/** PostgreSQL, all of its processes: the postmaster counts those of connections that have ended. */
export async function ofPostgres(pool: pg.Pool): Promise<ReadProcessorTime> {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  const stat = await readFile(`/proc/${rows[0]?.pid}/stat`, 'utf8').catch(() => null)
  if (stat === null) return async () => null
  const postmaster = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  return async () => (await processTree(postmaster)).reduce((sum, { cpu_s }) => sum + cpu_s, 0)
}

/** Milliseconds of processor time that each of `count` operations took, from readings before and after them. */
export const perOperation = (before: number | null, after: number | null, count: number) =>
  before === null || after === null ? null : ((after - before) * 1000) / count
