import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { startExampleSite } from '../examples/site-server.ts'
import { connectMcp } from '../src/cli/workflow/connect-mcp.ts'
import { readGuidelineFile } from '../src/cli/workflow/local-inputs.ts'
import { runWorkflow } from '../src/cli/workflow/run-workflow.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const guidelinePath = fileURLToPath(
  new URL('../examples/event-sourcing/article_guideline.md', import.meta.url),
)

/**
 * What a newcomer waits for, and what a server needs: seconds from the start of the process to readiness
 * and to the first tool's answer, on a new data folder (cold) and on one that is there (warm); seconds of
 * the whole demo; the server's peak memory after the demo's workflow.
 */
export async function* demo(): AsyncGenerator<object> {
  const folder = await mkdtemp(join(tmpdir(), 'nova-bench-'))
  try {
    await using site = await startExampleSite()
    const settings = { ...site.environment, NOVA_FETCH_TIMEOUT: '3', NOVA_DATA_DIR: 'data' }
    for (const start of ['cold', 'warm'] as const) {
      await using server = await startServer(folder, settings)
      const firstTool = await secondsToFirstTool(server)
      yield {
        start,
        ready_s: server.ready,
        first_tool_s: firstTool,
        ...(await memoryOf(server.pid)),
      }
      if (start === 'cold') continue
      yield { workflow_s: await secondsOfWorkflow(server.mcpUrl), ...(await memoryOf(server.pid)) }
    }
    yield { demo_s: await secondsOfDemo(folder) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function startServer(cwd: string, settings: Record<string, string>) {
  const begun = performance.now()
  const child = spawn(process.execPath, [main, 'serve', '--port', '0'], {
    cwd,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'error', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let mcpUrl = ''
  for await (const line of createInterface({ input: child.stdout })) {
    mcpUrl = /MCP +(http:\S+)$/.exec(line)?.[1] ?? ''
    if (mcpUrl) break
  }
  await fetch(new URL('/readyz', mcpUrl))
  return {
    mcpUrl,
    pid: child.pid ?? 0,
    ready: since(begun),
    begun,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function secondsToFirstTool({ mcpUrl, begun }: { mcpUrl: string; begun: number }) {
  await using nova = await connectMcp({ mcpUrl, stopping: new AbortController().signal })
  await nova.call('list_articles', {}, z.unknown())
  return since(begun)
}

async function secondsOfWorkflow(mcpUrl: string): Promise<number> {
  const begun = performance.now()
  const stopping = new AbortController().signal
  await using nova = await connectMcp({ mcpUrl, stopping })
  const guideline = await readGuidelineFile(guidelinePath)
  const watch = () => {}
  await runWorkflow({ nova, guidelinePath, guideline, rounds: 3, resume: false, watch, stopping })
  return since(begun)
}

async function secondsOfDemo(cwd: string): Promise<number> {
  const begun = performance.now()
  const child = spawn(process.execPath, [main, 'demo'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`the demo ended with ${code}`)
  return since(begun)
}

/** Resident memory now and at its peak, from Linux's /proc; nothing elsewhere. */
async function memoryOf(pid: number) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const megabytes = (name: string) => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
    return kilobytes ? Math.round(Number(kilobytes) / 1024) : null
  }
  return { memory_mb: megabytes('VmRSS'), memory_peak_mb: megabytes('VmHWM') }
}

const since = (begun: number): number => Math.round(performance.now() - begun) / 1000
