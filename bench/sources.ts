import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { archiveOf, gzipped } from '../test/support/git-host.ts'
import { startSite } from '../test/support/site.ts'
import type { Task, TaskResult } from './sources/task.ts'

interface Line {
  bench: string
  variant: string
  unit: string
  value: number
  ratio_to?: string
  ratio?: number
  /** An upper bound, in the unit of the value, or of the ratio when there is one. */
  goal?: number
}

const parts: Record<string, () => AsyncGenerator<Line>> = { pages, repository, pdf, hosts }

/**
 * What reading the outside world costs: pages from HTML to Markdown beside two well-known ways, a large
 * repository, a long PDF, and many pages of slow hosts. Each task runs in a process of its own, one core,
 * so that its peak memory is its own. All parts or the one that is named.
 */
export async function* sources(part?: string): AsyncGenerator<object> {
  if (part !== undefined && !Object.hasOwn(parts, part)) {
    throw new Error(`parts of this bench: ${Object.keys(parts).join(', ')}`)
  }
  for (const [name, run] of Object.entries(parts)) {
    if (part === undefined || part === name) yield* run()
  }
}

const peers = ['readability + turndown', 'defuddle markdown'] as const

async function* pages(): AsyncGenerator<Line> {
  const bench = 'sources pages'
  const variants = ['nova', ...peers] as const
  const measured = new Map<string, TaskResult>()
  for (const variant of variants) measured.set(variant, await inChild({ task: 'pages', variant }))
  for (const [variant, { value, peakMegabytes }] of measured) {
    const speed = { bench, variant, unit: 'pages/s per core', value: rounded(value) }
    const others = variant === 'nova' ? peers : []
    if (others.length === 0) yield speed
    for (const ratio_to of others) {
      yield { ...speed, ratio_to, ratio: ratio(value, measured.get(ratio_to)?.value) }
    }
    yield { bench, variant, unit: 'MB peak', value: peakMegabytes }
  }
}

const repositoryFiles = 2_000

async function* repository(): AsyncGenerator<Line> {
  const files: Record<string, string> = { 'README.md': '# A large repository\n' }
  for (let n = 1; n < repositoryFiles; n++) {
    files[`src/part-${n % 40}/module-${n}.ts`] = moduleText(n)
  }
  await using site = await startSite({
    '/owner/repo/tar.gz/HEAD': gzipped(await archiveOf(files)),
  })
  const { value, peakMegabytes } = await inChild({ task: 'repository', origin: site.origin })
  const variant = `${repositoryFiles} files to one digest`
  const bench = 'sources repository'
  yield { bench, variant, unit: 's', value: rounded(value), goal: 3 }
  yield { bench, variant, unit: 'MB peak', value: peakMegabytes, goal: 200 }
}

const moduleText = (n: number): string =>
  Array.from(
    { length: 60 },
    (_, line) =>
      `export const value${line} = (input: number): number => input * ${n} + ${line} // term ${line}`,
  ).join('\n')

async function* pdf(): AsyncGenerator<Line> {
  const { value, peakMegabytes } = await inChild({ task: 'pdf', pages: 300 })
  const variant = '300 pages in two columns'
  yield { bench: 'sources pdf', variant, unit: 's', value: rounded(value), goal: 10 }
  yield { bench: 'sources pdf', variant, unit: 'MB peak', value: peakMegabytes }
}

const slow = { hosts: 20, urls: 200, answerMs: 400, concurrency: 8, perHost: 2 }

async function* hosts(): AsyncGenerator<Line> {
  await using site = await startSite(
    Object.fromEntries(
      Array.from({ length: slow.urls / slow.hosts }, (_, n) => [
        `/page-${n}`,
        (_request, response) => {
          setTimeout(() => response.writeHead(200).end('slow'), slow.answerMs)
        },
      ]),
    ),
  )
  const { value } = await inChild({ task: 'hosts', port: site.port, ...slow })
  const ideal = (Math.ceil(slow.urls / slow.concurrency) * slow.answerMs) / 1000
  yield {
    bench: 'sources hosts',
    variant: `${slow.urls} URLs of ${slow.hosts} hosts, ${slow.concurrency} at once`,
    unit: 's',
    value: rounded(value),
    ratio_to: `ideal ${ideal} s`,
    ratio: ratio(value, ideal),
    goal: 1.2,
  }
}

async function inChild(task: Task): Promise<TaskResult> {
  const child = fork(fileURLToPath(new URL('./sources/child.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  child.send(task)
  const failed = once(child, 'exit').then(() => {
    throw new Error(`the task ${task.task} ended without a result`)
  })
  const [result] = (await Promise.race([once(child, 'message'), failed])) as [TaskResult]
  failed.catch(() => undefined)
  child.kill()
  return result
}

const rounded = (value: number): number => Math.round(value * 100) / 100
const ratio = (value: number, other: number | undefined): number => rounded(value / (other || 1))
