import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CliCall, type CliCommand, Stopped, UsageError } from './command.ts'
import { settingsFrom } from './setup/load-settings.ts'

const guidelinePath = fileURLToPath(
  new URL('../../examples/event-sourcing/article_guideline.md', import.meta.url),
)

/** The whole workflow on the bundled example, through the real server and the real adapters. */
export const demo: CliCommand = {
  name: 'demo',
  usage: '[-o research.md] [--keep]',
  summary: 'Run the whole workflow on a bundled example',
  details: [
    'Starts a database, a server with workers and a small web on loopback, and then uses them as a person',
    'with an AI client does: upload links, every tool over MCP, three rounds, the download link. It reads',
    'none of your settings, needs no key and no network, and leaves nothing behind but the result.',
  ],
  positionals: { min: 0, max: 0 },
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'Where to write, instead of research.md',
    },
    keep: { type: 'boolean', help: 'Keep the data folder of the demo' },
  },
  async run(call) {
    if (!existsSync(guidelinePath)) {
      throw new UsageError(
        'The bundled example is not part of this installation; the image has only the server.',
        'Run `npm run demo` in a checkout, or `nova research FILE` on a guideline of yours.',
      )
    }
    const dataDir = await mkdtemp(join(tmpdir(), 'nova-demo-'))
    try {
      return await runDemo(call, dataDir)
    } catch (error) {
      if (call.stopping.aborted) throw new Stopped()
      throw error
    } finally {
      if (call.flag('keep')) call.terminal.print(`Kept: ${dataDir}`)
      else await rm(dataDir, { recursive: true, force: true })
    }
  },
}

async function runDemo(call: CliCall, dataDir: string): Promise<number> {
  const { terminal, stopping } = call
  const { paint } = terminal
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  const { startExampleSite } = await import('../../examples/site-server.ts')
  const [
    { startLocalServer },
    { connectMcp },
    { readGuidelineFile },
    { runWorkflow },
    shown,
    sums,
  ] = await Promise.all([
    import('./workflow/local-server.ts'),
    import('./workflow/connect-mcp.ts'),
    import('./workflow/local-inputs.ts'),
    import('./workflow/run-workflow.ts'),
    import('./workflow/show-progress.ts'),
    import('./workflow/summary.ts'),
  ])
  terminal.print(paint('bold', 'Nova demo: from a guideline to research.md, on this machine only'))
  await using site = await startExampleSite()
  terminal.status('Starting the database and the server …')
  await using server = await startLocalServer(
    settingsFrom(demoEnvironment(dataDir, site.environment)),
  )
  terminal.print(
    paint('dim', `Ready after ${seconds().toFixed(1)} s: ${server.mcpUrl}, ${server.database}`),
  )
  await using nova = await connectMcp({ mcpUrl: server.mcpUrl, stopping })
  const { articleId, run, research } = await runWorkflow({
    nova,
    guidelinePath,
    guideline: await readGuidelineFile(guidelinePath),
    rounds: 3,
    resume: false,
    watch: shown.showProgress(terminal),
    stopping,
  })
  if (!research) throw new Error(`the run of the demo ended ${run?.status}: ${run?.question?.text}`)
  const path = resolve(call.option('output') ?? 'research.md')
  await writeFile(path, research)
  const made = { path, bytes: research.byteLength, seconds: seconds() }
  sums.printSummary(terminal, await sums.readSummary(nova, articleId), made)
  terminal.print()
  const start = import.meta.url.endsWith('.ts') ? 'npm start' : 'nova serve'
  terminal.print(`Next: ${paint('cyan', start)} for your own articles, with your AI client.`)
  return 0
}

/** Only this decides what the demo does; the environment of the machine has no say in it. */
const demoEnvironment = (dataDir: string, site: Record<string, string>) => ({
  ...site,
  NOVA_DATA_DIR: join(dataDir, 'data'),
  LOG_LEVEL: 'error',
  // One page of the example never answers; three tries of it are part of the demo's time.
  NOVA_FETCH_TIMEOUT: '3',
})
