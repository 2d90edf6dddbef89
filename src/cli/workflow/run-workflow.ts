import { guidelineKinds, slowToolFor } from '../../events/articles/slow-tools.ts'
import { type ToolCaller, ToolRefused } from './connect-mcp.ts'
import { findRun } from './find-run.ts'
import { findLocalFiles, type Guideline } from './local-inputs.ts'
import { researchRound } from './research-round.ts'
import type { Watch } from './run-events.ts'
import { runOperation } from './run-operation.ts'
import {
  articleAnswer,
  chooseAnswer,
  compileAnswer,
  extractAnswer,
  keepAnswer,
  uploadLinkAnswer,
} from './tool-answers.ts'
import { downloadThrough, uploadThrough } from './transfer.ts'

export interface Workflow {
  nova: ToolCaller
  guidelinePath: string
  guideline: Guideline
  /** Default: found in the guideline. */
  title?: string | undefined
  rounds: number
  /** Go on with the newest unfinished article of this guideline. */
  resume: boolean
  watch: Watch
  stopping: AbortSignal
}

export interface WorkflowResult {
  articleId: string
  research: Buffer
}

/** The whole way from a guideline to research.md, by the tools that an AI client uses. */
export async function runWorkflow(run: Workflow): Promise<WorkflowResult> {
  const articleId = run.resume ? await findRun(run.nova, run.guideline.sha256) : await begin(run)
  const place = run.resume
    ? await resumeAt(run, articleId)
    : { step: 'extract' as const, rounds: 0 }
  await readGuidelineSources(run, articleId, place.step)
  if (place.step !== 'decide') await research(run, articleId, place.rounds)
  await readBestSources(run, articleId)
  return { articleId, research: await compile(run, articleId) }
}

/** Uploads the guideline through a link, as a person does with the page behind it. */
async function begin({ nova, guideline, title, watch, stopping }: Workflow): Promise<string> {
  watch({ kind: 'step', title: 'Upload the guideline', tool: 'request_upload_link' })
  const link = await nova.call('request_upload_link', { purpose: 'guideline' }, uploadLinkAnswer)
  await uploadThrough(link.url, 'guideline', [guideline], stopping, title ? { title } : {})
  watch({ kind: 'note', text: `${guideline.name}, ${guideline.bytes.byteLength} bytes` })
  return link.article_id
}

/** Where an interrupted run goes on: what is running is waited for, what is done is not done again. */
async function resumeAt(
  { nova, watch, rounds }: Workflow,
  articleId: string,
): Promise<{ step: 'extract' | 'read' | 'research' | 'decide'; rounds: number }> {
  const args = { article_id: articleId, limit: 1 }
  const before = await nova.call('get_article', args, articleAnswer)
  watch({ kind: 'step', title: `Go on with "${before.title}"`, tool: 'get_article' })
  // Called again, a tool joins its operation, and wakes it should the server have died meanwhile.
  for (const { tool } of before.running) await runOperation(nova, watch, tool, articleId)
  const article = await nova.call('get_article', args, articleAnswer)
  const next = article.next_step.tool
  if (next === 'extract_guidelines_urls') return { step: 'extract', rounds: 0 }
  if (next !== null && readingTools.some(({ tool }) => tool === next)) {
    return { step: 'read', rounds: article.rounds }
  }
  if (next === slowToolFor('queries') && rounds > 0)
    await runOperation(nova, watch, next, articleId)
  return { step: article.rounds < rounds ? 'research' : 'decide', rounds: article.rounds }
}

const readingTools = guidelineKinds.map((kind) => ({ tool: slowToolFor(kind), kind }))

/** Finds what the guideline names, hands over its files, and reads its links, all kinds at once. */
async function readGuidelineSources(run: Workflow, articleId: string, from: string): Promise<void> {
  const { nova, watch } = run
  watch({ kind: 'step', title: 'Find links and files', tool: 'extract_guidelines_urls' })
  const found = await nova.call('extract_guidelines_urls', { article_id: articleId }, extractAnswer)
  const { web, github, youtube, files } = found.counts
  watch({
    kind: 'note',
    text: `${web} web pages, ${github} GitHub, ${youtube} YouTube, ${files} local files`,
  })
  await uploadMissing(run, articleId, found.missing_files)
  if (from !== 'extract' && from !== 'read') return
  watch({ kind: 'step', title: 'Read the links of the guideline', tool: slowToolFor('web') })
  const wanted = readingTools.filter(({ kind }) => found.counts[kind] > 0)
  await Promise.all(wanted.map(({ tool }) => runOperation(nova, watch, tool, articleId)))
}

async function uploadMissing(
  { nova, watch, guidelinePath, stopping }: Workflow,
  articleId: string,
  names: readonly string[],
): Promise<void> {
  const { files, missing } = await findLocalFiles(guidelinePath, names)
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

async function research(run: Workflow, articleId: string, done: number): Promise<void> {
  for (let round = done + 1; round <= run.rounds; round += 1) {
    const { asked } = await researchRound(run, articleId, round)
    if (!asked) return
  }
}

/** Keeps, chooses and reads; with nothing found there is nothing to decide. */
async function readBestSources({ nova, watch }: Workflow, articleId: string): Promise<void> {
  const args = { article_id: articleId }
  try {
    watch({ kind: 'step', title: 'Keep or reject', tool: 'select_research_sources_to_keep' })
    const kept = await nova.call('select_research_sources_to_keep', args, keepAnswer)
    watch({
      kind: 'note',
      text: `${kept.kept} kept, ${kept.rejected} rejected, decided by ${kept.by}`,
    })
    watch({ kind: 'step', title: 'Choose what to read', tool: 'select_research_sources_to_scrape' })
    const best = await nova.call('select_research_sources_to_scrape', args, chooseAnswer)
    watch({ kind: 'note', text: `${best.chosen.length} chosen by ${best.by}` })
    watch({ kind: 'step', title: 'Read the chosen sources', tool: slowToolFor('chosen') })
    await runOperation(nova, watch, slowToolFor('chosen'), articleId)
  } catch (error) {
    if (!(error instanceof ToolRefused && error.code === 'STEP_OUT_OF_ORDER')) throw error
    watch({ kind: 'note', text: 'nothing found by research' })
  }
}

async function compile({ nova, watch, stopping }: Workflow, articleId: string): Promise<Buffer> {
  watch({ kind: 'step', title: 'Compile research.md', tool: 'create_research_file' })
  const args = { article_id: articleId }
  const compiled = await nova.call('create_research_file', args, compileAnswer)
  const research = await downloadThrough(compiled.download_url, stopping)
  watch({ kind: 'note', text: `${compiled.size} bytes, SHA-256 ${compiled.sha256.slice(0, 16)}…` })
  return research
}
