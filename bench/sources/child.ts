import { loadPages } from '../../examples/site-pages.ts'
import { createGuardedFetch } from '../../src/sources/fetch/guarded-fetch.ts'
import type { Task, TaskResult } from './task.ts'

/** Takes one task, measures it, and answers with its result. */
process.once('message', async (task: Task) => {
  const value = await measure(task)
  // Kilobytes on every platform but macOS, where a benchmark's memory is not compared.
  const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024)
  const result: TaskResult = { value, peakMegabytes }
  process.send?.(result)
})

function measure(task: Task): Promise<number> {
  switch (task.task) {
    case 'pages':
      return pagesPerSecond(task.variant)
    case 'repository':
      return repositorySeconds(task.origin)
    case 'pdf':
      return pdfSeconds(task.pages)
    case 'hosts':
      return hostsSeconds(task)
  }
}

const measuredMs = 6_000

async function pagesPerSecond(variant: string): Promise<number> {
  const { pageVariants } = await import('./page-variants.ts')
  const convert = pageVariants[variant]?.()
  if (!convert) throw new Error(`no such variant: ${variant}`)
  const pages = [...(await loadPages()).values()].filter((page) =>
    page.contentType.startsWith('text/html'),
  )
  const round = async () => {
    for (const { body, host, path } of pages) await convert(body, `http://${host}${path}`)
  }
  await round()
  await round()
  let converted = 0
  const begun = performance.now()
  while (performance.now() - begun < measuredMs) {
    await round()
    converted += pages.length
  }
  return (converted * 1000) / (performance.now() - begun)
}

const settings = {
  timeoutMs: 60_000,
  maxBytes: 100_000_000,
  concurrency: 8,
  perHost: 2,
  userAgent: 'NovaBench/1',
}

async function repositorySeconds(origin: string): Promise<number> {
  const { createGithubReader } = await import('../../src/sources/github/github-reader.ts')
  const { hostname, port } = new URL(origin)
  const fetch = createGuardedFetch({ ...settings, allow: [{ host: hostname, port: Number(port) }] })
  const read = createGithubReader({
    fetch,
    apiUrl: `${origin}/api`,
    archiveUrl: origin,
    rawUrl: origin,
  })
  const { signal } = new AbortController()
  const begun = performance.now()
  const { markdown } = await read({ url: 'https://github.com/owner/repo', kind: 'github', signal })
  const seconds = secondsSince(begun)
  if (!markdown.includes('A large repository')) throw new Error('the digest is not what was asked')
  await fetch.close()
  return seconds
}

async function pdfSeconds(pages: number): Promise<number> {
  const [{ convertPdf }, { pdfOf }] = await Promise.all([
    import('../../src/sources/extraction/pdf/pdf.ts'),
    import('../../test/support/pdf.ts'),
  ])
  // Letters, because lines that differ in digits only are running heads.
  const name = (page: number, line: number) =>
    [...`${page + 100}${line + 10}`].map((digit) => 'bcdfghjklm'[Number(digit)]).join('')
  const column = (x: number, page: number) =>
    Array.from({ length: 45 }, (_, line) => ({
      text: `The log ${name(page, line)} keeps what happened, in order.`,
      x,
      y: 740 - line * 15,
      size: 9,
    }))
  const file = pdfOf(
    Array.from({ length: pages }, (_, page) => [...column(50, page), ...column(320, page)]),
  )
  const begun = performance.now()
  const { markdown } = await convertPdf(file)
  const seconds = secondsSince(begun)
  if (!markdown.includes(name(pages - 1, 44))) throw new Error('the last page is missing')
  return seconds
}

async function hostsSeconds(task: Extract<Task, { task: 'hosts' }>): Promise<number> {
  const names = Array.from({ length: task.hosts }, (_, n) => `slow-${n}.example`)
  const fetch = createGuardedFetch({
    ...settings,
    concurrency: task.concurrency,
    perHost: task.perHost,
    allow: names.map((host) => ({
      host,
      port: 80,
      connect: { address: '127.0.0.1', port: task.port },
    })),
  })
  const perHost = task.urls / task.hosts
  // Grouped by host, the worst order: whoever takes them in turn waits for one host at a time.
  const urls = names.flatMap((host) =>
    Array.from({ length: perHost }, (_, n) => `http://${host}/page-${n}`),
  )
  const begun = performance.now()
  const answers = await Promise.all(urls.map((url) => fetch.fetch({ url })))
  const seconds = secondsSince(begun)
  if (answers.some(({ status }) => status !== 200)) throw new Error('a page was not read')
  await fetch.close()
  return seconds
}

const secondsSince = (begun: number): number => (performance.now() - begun) / 1000
