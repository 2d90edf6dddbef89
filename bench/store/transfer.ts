import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loadHistory } from './history.ts'
import type { Line } from './measure.ts'
import type { BenchServer } from './server.ts'

/** Two sizes: memory that grows with the events would show. */
const sizes = [50_000, 400_000]
const program = fileURLToPath(new URL('./run-transfer.ts', import.meta.url))

/** Events a second that an export writes and an import stores and verifies, and the peak memory of their processes. */
export async function* transfer(server: BenchServer): AsyncGenerator<Line> {
  const folder = await mkdtemp(join(tmpdir(), 'nova-transfer-'))
  try {
    for (const events of sizes) {
      await using source = await server.createNova(`transfer_from_${events}`, 16)
      await using target = await server.createNova(`transfer_to_${events}`, 16)
      await loadHistory(source, events)
      const path = join(folder, 'events.jsonl')
      for (const [way, url] of [
        ['export', source.url],
        ['import', target.url],
      ] as const) {
        const { stdout } = await promisify(execFile)(process.execPath, [program, way, url, path])
        const { seconds = 0, peakMb = 0 } = JSON.parse(stdout) as Record<string, number>
        const bench = `transfer of ${events.toLocaleString('en')} events`
        yield { bench, variant: way, unit: 'events/s', value: Math.round(events / seconds) }
        yield { bench, variant: way, unit: 'MB', value: Math.round(peakMb) }
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
