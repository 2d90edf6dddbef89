import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Refusal } from '../errors.ts'
import { type CliCall, type CliCommand, Stopped, UsageError } from './command.ts'
import { numberOption } from './terminal/number-option.ts'
import type { Terminal } from './terminal/terminal.ts'
import type { ToolCaller } from './workflow/connect-mcp.ts'
import type { Guideline } from './workflow/local-inputs.ts'

/** The whole workflow on one guideline, from a terminal. */
export const research: CliCommand = {
  name: 'research',
  usage: 'FILE [-o research.md] [--server URL] [--rounds 3] [--resume] | replay ARTICLE',
  summary: 'Research a guideline from the terminal',
  details: [
    'FILE is the guideline, in Markdown. Local files that it names are looked for beside it.',
    'Without --server a server runs in this process, on the database of the settings. With it, a token is',
    'taken from NOVA_ACCESS_TOKEN. Ctrl-C leaves a run that --resume goes on with.',
    '`replay` compiles research.md of an article anew, from its events and stored texts only, and says',
    'whether the bytes are those recorded; -o writes them.',
  ],
  positionals: { min: 1, max: 2 },
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'Where to write, instead of research.md',
    },
    server: { type: 'string', value: 'URL', help: 'Use the Nova server at this address' },
    title: { type: 'string', value: 'TITLE', help: 'Of the article; default: found in FILE' },
    rounds: { type: 'string', value: 'N', help: 'Rounds of web research, 0 to 10; default 3' },
    user: { type: 'string', value: 'USER', help: 'Whose article is replayed; default: local' },
    resume: { type: 'boolean', help: 'Go on with the newest unfinished run of this guideline' },
  },
  async run(call) {
    const [path = '', article] = call.positionals
    if (article !== undefined) {
      if (path !== 'replay') throw new UsageError('nova research takes one file.', usageHint)
      const { researchReplay } = await import('./research-replay.ts')
      return researchReplay(call, article)
    }
    const output = resolve(call.option('output') ?? 'research.md')
    const rounds = numberOption(call, 'rounds', { min: 0, max: 10 }) ?? 3
    const server = call.option('server')
    const mcpUrl = server === undefined ? undefined : endpointOf(server)
    const { readGuidelineFile } = await import('./workflow/local-inputs.ts')
    const guideline = await readGuidelineFile(path)
    const work = (at: { mcpUrl: string; token?: string | undefined }) =>
      researchAt(call, { ...at, path, output, rounds, guideline })
    if (mcpUrl) return work({ mcpUrl, token: call.settings().NOVA_ACCESS_TOKEN })
    const { startLocalServer } = await import('./workflow/local-server.ts')
    await using local = await startLocalServer(call.settings())
    call.terminal.print(call.terminal.paint('dim', `Nova on ${local.database}`))
    return await work({ mcpUrl: local.mcpUrl })
  },
}

const usageHint = 'To check a finished article: nova research replay ARTICLE'

function endpointOf(server: string): string {
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw new UsageError(`--server takes an http or https address, not "${server}".`)
  }
  const url = new URL(server)
  if (!url.pathname.endsWith('/mcp')) url.pathname = `${url.pathname.replace(/\/+$/, '')}/mcp`
  return url.href
}

interface Asked {
  mcpUrl: string
  token?: string | undefined
  path: string
  output: string
  rounds: number
  guideline: Guideline
}

async function researchAt(call: CliCall, asked: Asked): Promise<number> {
  const { connectMcp, ToolRefused } = await import('./workflow/connect-mcp.ts')
  const { terminal, stopping } = call
  let begun = false
  try {
    await using nova = await connectMcp({ ...asked, stopping })
    begun = true
    await work(call, asked, nova, terminal)
    return 0
  } catch (error) {
    if (stopping.aborted) {
      throw new Stopped(`The run is kept: nova research ${asked.path} --resume goes on with it.`)
    }
    const isLost = error instanceof Refusal && error.code === 'SERVER_UNREACHABLE' && begun
    if (!(error instanceof ToolRefused || isLost)) throw error
    terminal.complain(`${terminal.paint('red', 'nova:')} ${error.message}`)
    terminal.complain(`  ${error.hint}`)
    terminal.complain(
      error.code === 'SEARCH_NOT_CONFIGURED'
        ? '  What was gathered is kept; --resume goes on, with --rounds 0 without web research.'
        : '  What was gathered is kept; --resume goes on with it.',
    )
    return 1
  }
}

async function work(
  call: CliCall,
  { path, output, rounds, guideline }: Asked,
  nova: ToolCaller,
  terminal: Terminal,
): Promise<void> {
  const [{ runWorkflow }, { showProgress }, { readSummary, printSummary }] = await Promise.all([
    import('./workflow/run-workflow.ts'),
    import('./workflow/show-progress.ts'),
    import('./workflow/summary.ts'),
  ])
  const begun = performance.now()
  const { articleId, research: bytes } = await runWorkflow({
    nova,
    guidelinePath: path,
    guideline,
    title: call.option('title'),
    rounds,
    resume: call.flag('resume'),
    watch: showProgress(terminal),
    stopping: call.stopping,
  })
  await writeOutput(output, bytes)
  printSummary(terminal, await readSummary(nova, articleId), {
    path: output,
    bytes: bytes.byteLength,
    seconds: (performance.now() - begun) / 1000,
  })
}

async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes)
  } catch (cause) {
    throw new Refusal('OUTPUT_FILE_UNWRITABLE', { path }, { cause })
  }
}
