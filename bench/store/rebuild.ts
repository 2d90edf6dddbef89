import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loadHistory } from './history.ts'
import type { Line } from './measure.ts'
import type { BenchServer } from './server.ts'

const events = 1_000_000
const program = fileURLToPath(new URL('./run-rebuild.ts', import.meta.url))

/** Peak memory of a process that rebuilds a projection of a million events, and how fast it was. */
export async function* rebuild(server: BenchServer): AsyncGenerator<Line> {
  await using made = await server.createNova('rebuild', 16)
  await loadHistory(made, events)
  for (const name of ['usage', 'article_sources']) {
    const { stdout } = await promisify(execFile)(process.execPath, [program, made.url, name])
    const { seconds, peakMb, serverMb } = JSON.parse(stdout) as Record<string, number>
    yield {
      bench: 'rebuild of 1,000,000 events',
      variant: name,
      unit: 'MB',
      value: Math.round(peakMb ?? 0),
      goal: 250,
      note: `${Math.round(events / (seconds ?? 1))} events/s; its backend's own memory ${Math.round(serverMb ?? 0)} MB`,
    }
  }
}

/** Kilobytes of a line of /proc/PID/status. */
export async function memoryOf(pid: number | 'self', line: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${line}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
}
