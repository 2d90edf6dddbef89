import { readdir, readFile } from 'node:fs/promises'

export interface ProcessFacts {
  pid: number
  /** Seconds of processor time, with those of children that have ended. */
  cpu_s: number
  memory_mb: number
  memory_peak_mb: number
}

/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100

/** A process and all below it, the process itself first; from Linux's /proc, so nothing elsewhere. */
export async function processTree(root: number): Promise<ProcessFacts[]> {
  const parents = new Map<number, number>()
  const seconds = new Map<number, number>()
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // The name of the program stands in brackets and may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    parents.set(Number(name), Number(fields[1]))
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    seconds.set(Number(name), ticks / ticksPerSecond)
  }
  const pids = [root]
  for (const pid of pids) for (const [child, of] of parents) if (of === pid) pids.push(child)
  return Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      const megabytes = (name: string) =>
        Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024)
      return {
        pid,
        cpu_s: seconds.get(pid) ?? 0,
        memory_mb: megabytes('VmRSS'),
        memory_peak_mb: megabytes('VmHWM'),
      }
    }),
  )
}
