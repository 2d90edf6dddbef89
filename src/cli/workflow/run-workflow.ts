import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '../../errors.ts'
import { type CallOptions, type ToolCaller, ToolRefused } from './connect-mcp.ts'
import { findRun } from './find-run.ts'
import { findLocalFiles, type Guideline } from './local-inputs.ts'
import type { Watch } from './run-events.ts'
import {
  compileAnswer,
  extractAnswer,
  type RunAnswer,
  runAnswer,
  uploadLinkAnswer,
} from './tool-answers.ts'
import { downloadThrough, uploadThrough } from './transfer.ts'

export interface Workflow {
  nova: ToolCaller
  /** How a server that was away is connected to anew, and how many milliseconds it is waited for. */
  away?: { reconnect: () => Promise<ToolCaller>; patienceMs: number }
  guidelinePath: string
  guideline: Guideline
  /** Default: found in the guideline. */
  title?: string | undefined
  rounds: number
  /** Go on without what fails altogether. */
  keepGoing?: boolean
  /** Go on with the newest unfinished article of this guideline. */
  resume: boolean
  /** The answer to the question that its run has paused with. */
  answer?: string | undefined
  /** Asks the person; null where nobody is there to be asked. */
  ask?: ((question: NonNullable<RunAnswer['question']>) => Promise<string>) | null
  watch: Watch
  stopping: AbortSignal
}

export interface WorkflowResult {
  articleId: string
  /** The last answer of the run; null when it had finished before. */
  run: RunAnswer | null
  /** Null when the run has paused or was stopped. */
  research: Buffer | null
}

/** The whole way from a guideline to research.md: hands over what is here, and watches one run on the server. */
export async function runWorkflow(workflow: Workflow): Promise<WorkflowResult> {
  const resumed = workflow.resume ? await resume(workflow) : null
  const articleId = resumed?.article_id ?? (await begin(workflow))
  if (resumed?.status === 'completed' && !workflow.answer) {
    return { articleId, run: null, research: await compile(workflow, articleId) }
  }
  await handOverFiles(workflow, articleId)
  let run = await follow(workflow, articleId, workflow.answer)
  while (run.question && workflow.ask) {
    run = await follow(workflow, articleId, await workflow.ask(run.question))
  }
  const research = run.status === 'finished' ? await compile(workflow, articleId) : null
  return { articleId, run, research }
}

/** Uploads the guideline through a link, as a person does with the page behind it. */
async function begin({ nova, guideline, title, watch, stopping }: Workflow): Promise<string> {
  watch({ kind: 'step', title: 'Upload the guideline', tool: 'request_upload_link' })
  const link = await nova.call('request_upload_link', { purpose: 'guideline' }, uploadLinkAnswer)
  await uploadThrough(link.url, 'guideline', [guideline], stopping, title ? { title } : {})
  watch({ kind: 'note', text: `${guideline.name}, ${guideline.bytes.byteLength} bytes` })
  return link.article_id
}

async function resume({ nova, guideline, watch }: Workflow) {
  const article = await findRun(nova, guideline.sha256)
  watch({ kind: 'step', title: `Go on with "${article.title}"`, tool: 'list_articles' })
  return article
}

/** Files that the guideline names lie here and not on the server. */
async function handOverFiles(workflow: Workflow, articleId: string): Promise<void> {
  const { nova, watch, guidelinePath, stopping } = workflow
  watch({ kind: 'step', title: 'Find links and files', tool: 'extract_guidelines_urls' })
  const found = await nova.call('extract_guidelines_urls', { article_id: articleId }, extractAnswer)
  const { web, github, youtube, files: named } = found.counts
  watch({
    kind: 'note',
    text: `${web} web pages, ${github} GitHub, ${youtube} YouTube, ${named} local files`,
  })
  const { files, missing } = await findLocalFiles(guidelinePath, found.missing_files)
  for (const name of missing) {
    watch({ kind: 'warning', text: `${name} is named by the guideline but not beside it` })
  }
  if (files.length === 0) return
  watch({ kind: 'step', title: 'Upload the local files', tool: 'request_upload_link' })
  const args = { purpose: 'files', article_id: articleId }
  const { url } = await nova.call('request_upload_link', args, uploadLinkAnswer)
  await uploadThrough(url, 'files', files, stopping)
  watch({ kind: 'note', text: files.map(({ name }) => name).join(', ') })
}

/** Seconds a call waits before it answers that the run goes on. */
const waitSeconds = 50

/** Starts or joins the run, and watches it until it asks or ends, however many calls that takes. */
async function follow(
  workflow: Workflow,
  articleId: string,
  answer: string | undefined,
): Promise<RunAnswer> {
  const { rounds, keepGoing = false, watch } = workflow
  const started = { article_id: articleId, rounds, keep_going: keepGoing, wait_seconds: 0 }
  // A start whose answer is lost with its server is sent again, and must not start a second run.
  const options: CallOptions = {
    idempotencyKey: randomUUID(),
    onProgress: (progress) => watch({ kind: 'progress', progress }),
  }
  const call = (args: Record<string, unknown>) =>
    patiently(workflow, () => workflow.nova.call('research_article', args, runAnswer, options))
  const waitFor = (runId: string) =>
    call({ article_id: articleId, run_id: runId, wait_seconds: waitSeconds })
  let run = await call({ ...started, ...(answer && { answer }) }).catch((error: unknown) => {
    const runId = answer && answeredBefore(error)
    if (!runId) throw error
    watch({ kind: 'note', text: 'The run has been answered before; it is only watched.' })
    return waitFor(runId)
  })
  while (run.status === 'running') run = await waitFor(run.run_id)
  const goesOn = keepGoing && run.question?.choices.includes('continue')
  return goesOn ? follow(workflow, articleId, 'continue') : run
}

/** The run that does not ask what was answered, or not any more. */
function answeredBefore(error: unknown): string | undefined {
  const isAnswered = error instanceof ToolRefused && error.code === 'RUN_NOT_ASKING'
  return isAnswered && typeof error.details.run_id === 'string' ? error.details.run_id : undefined
}

const retryMs = 1000

/** The run goes on without us: a server that restarts is waited for, and asked again. */
async function patiently<Answer>(workflow: Workflow, work: () => Promise<Answer>): Promise<Answer> {
  const { watch, stopping, away } = workflow
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!away || stopping.aborted || !isUnreachable(error)) throw error
      watch({ kind: 'warning', text: 'The server does not answer; waiting for it …' })
      workflow.nova = await connectAgain(away, stopping, error)
    }
  }
}

async function connectAgain(
  { reconnect, patienceMs }: NonNullable<Workflow['away']>,
  stopping: AbortSignal,
  lost: unknown,
): Promise<ToolCaller> {
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    await delay(retryMs, undefined, { signal: stopping })
    try {
      return await reconnect()
    } catch (error) {
      if (!isUnreachable(error)) throw error
    }
  }
  throw lost
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof Refusal && error.code === 'SERVER_UNREACHABLE'

async function compile({ nova, watch, stopping }: Workflow, articleId: string): Promise<Buffer> {
  watch({ kind: 'step', title: 'Download research.md', tool: 'create_research_file' })
  const args = { article_id: articleId }
  const compiled = await nova.call('create_research_file', args, compileAnswer)
  const research = await downloadThrough(compiled.download_url, stopping)
  watch({ kind: 'note', text: `${compiled.size} bytes, SHA-256 ${compiled.sha256.slice(0, 16)}…` })
  return research
}
