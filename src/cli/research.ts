import { access, constants, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Refusal } from '../errors.ts'
import { type CliCall, type CliCommand, Stopped, UsageError } from './command.ts'
import { numberOption } from './terminal/number-option.ts'
import { oneLine, type Terminal } from './terminal/terminal.ts'
import type { ToolCaller } from './workflow/connect-mcp.ts'
import type { Guideline } from './workflow/local-inputs.ts'
import type { RunAnswer } from './workflow/tool-answers.ts'

/** The whole workflow on one guideline, from a terminal. */
export const research: CliCommand = {
  name: 'research',
  usage: 'FILE [-o research.md] [--rounds 3] [--resume] [--keep-going] | replay ARTICLE',
  summary: 'Research a guideline from the terminal',
  details: [
    'FILE is the guideline, in Markdown. Local files that it names are looked for beside it.',
    'Without --server a server runs in this process, on the database of the settings. With it, a token is',
    'taken from NOVA_ACCESS_TOKEN. Ctrl-C leaves a run that --resume goes on with; a server that restarts',
    'is waited for. When nothing of a step succeeds, the run asks. Exit codes: 0 done, 3 it asks, 1 failed.',
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
    resume: {
      type: 'boolean',
      help: 'Go on with the newest run of this guideline, or fetch what it made',
    },
    answer: {
      type: 'string',
      value: 'CHOICE',
      help: 'Answer its question: retry, continue or stop',
    },
    'keep-going': { type: 'boolean', help: 'Go on without what fails altogether' },
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
    await checkOutput(output)
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

/** The exit code for a run that waits for an answer. */
const exitPaused = 3
/** A server that restarts is there again by then. */
const patienceMs = 120_000

async function researchAt(call: CliCall, asked: Asked): Promise<number> {
  const { connectMcp, ToolRefused } = await import('./workflow/connect-mcp.ts')
  const { terminal, stopping } = call
  let begun = false
  try {
    const connect = () => connectMcp({ ...asked, stopping })
    await using connection = { nova: await connect(), ...closing }
    begun = true
    return await work(call, asked, connection, connect)
  } catch (error) {
    if (stopping.aborted) {
      throw new Stopped(`The run is kept: nova research ${asked.path} --resume goes on with it.`)
    }
    const isLost = error instanceof Refusal && error.code === 'SERVER_UNREACHABLE' && begun
    if (!(error instanceof ToolRefused || isLost)) throw error
    terminal.complain(`${terminal.paint('red', 'nova:')} ${error.message}`)
    terminal.complain(`  ${error.hint}`)
    terminal.complain('  What was gathered is kept; --resume goes on with it.')
    return 1
  }
}

interface Connection {
  nova: ToolCaller
}

const closing = {
  async [Symbol.asyncDispose](this: Connection) {
    await this.nova[Symbol.asyncDispose]()
  },
}

async function work(
  call: CliCall,
  { path, output, rounds, guideline }: Asked,
  connection: Connection,
  connect: () => Promise<ToolCaller>,
): Promise<number> {
  const { terminal } = call
  const [{ runWorkflow }, { showProgress }, { readSummary, printSummary }] = await Promise.all([
    import('./workflow/run-workflow.ts'),
    import('./workflow/show-progress.ts'),
    import('./workflow/summary.ts'),
  ])
  const begun = performance.now()
  const {
    articleId,
    run,
    research: bytes,
  } = await runWorkflow({
    nova: connection.nova,
    away: {
      patienceMs,
      reconnect: async () => {
        connection.nova = await connect()
        return connection.nova
      },
    },
    guidelinePath: path,
    guideline,
    title: call.option('title'),
    rounds,
    keepGoing: call.flag('keep-going'),
    resume: call.flag('resume') || call.option('answer') !== undefined,
    answer: call.option('answer'),
    ask: terminal.ask && ((question) => askPerson(terminal, question)),
    watch: showProgress(terminal),
    stopping: call.stopping,
  })
  if (!bytes) return printUnfinished(terminal, path, run)
  await writeOutput(output, bytes)
  printSummary(terminal, await readSummary(connection.nova, articleId), {
    path: output,
    bytes: bytes.byteLength,
    seconds: (performance.now() - begun) / 1000,
  })
  return 0
}

type Question = NonNullable<RunAnswer['question']>

/** What the run asks, in the words of the server, with what failed. */
function printQuestion({ print, paint }: Terminal, question: Question): void {
  print()
  print(`${paint('yellow', '?')} ${paint('bold', oneLine(question.text))}`)
  for (const { label, failure } of question.failures) {
    print(`    ${paint('red', '✗')} ${oneLine(label, 90)}  ${paint('dim', oneLine(failure))}`)
  }
  const more = question.failed - question.failures.length
  if (more > 0 && question.failures.length > 0) print(`    and ${more} more`)
}

async function askPerson(terminal: Terminal, question: Question): Promise<string> {
  printQuestion(terminal, question)
  for (;;) {
    const answer = (await terminal.ask?.(`${question.choices.join(', ')}? `))?.trim() ?? 'stop'
    if (question.choices.includes(answer)) return answer
  }
}

function printUnfinished(terminal: Terminal, path: string, run: RunAnswer | null): number {
  if (!run?.question) {
    terminal.complain(`${terminal.paint('red', 'nova:')} The run was stopped; no file was written.`)
    return 1
  }
  printQuestion(terminal, run.question)
  terminal.print(
    `  The run waits. Answer with: nova research ${path} --answer ${run.question.choices.join('|')}`,
  )
  return exitPaused
}

/** Found out before the work begins, and not after. */
async function checkOutput(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK)
    const found = await stat(path).catch(() => null)
    if (found?.isDirectory()) throw new Error('it is a folder')
    if (found) await access(path, constants.W_OK)
  } catch (cause) {
    throw new Refusal('OUTPUT_FILE_UNWRITABLE', { path }, { cause })
  }
}

async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes)
  } catch (cause) {
    throw new Refusal('OUTPUT_FILE_UNWRITABLE', { path }, { cause })
  }
}
