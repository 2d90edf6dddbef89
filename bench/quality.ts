import { setImmediate } from 'node:timers/promises'
import { type LabelledPage, pageSets } from './quality/labelled-pages.ts'
import { textOfMarkdown } from './quality/plain-text.ts'
import { type WordScore, wordScore } from './quality/word-f1.ts'
import { type PageVariant, pageVariants } from './sources/page-variants.ts'

/** Pages named in a line: those that a closer look pays for first. */
const worstMax = 5

/**
 * How well the main content of labelled pages is found: word F1, the mean over the pages of a set, of Nova
 * and of the two ways that most people would take. See docs/benchmarks.md for the folder it reads.
 */
export async function* quality(folder?: string): AsyncGenerator<object> {
  if (folder === undefined) throw new Error('name a folder of pages: npm run bench -- quality DIR')
  for await (const { set, pages } of pageSets(folder)) {
    for (const [variant, create] of Object.entries(pageVariants)) {
      yield { bench: 'quality', set, variant, unit: 'word F1', ...(await scored(pages, create())) }
    }
  }
}

async function scored(pages: readonly LabelledPage[], convert: PageVariant): Promise<object> {
  const scores: (WordScore & { name: string })[] = []
  let convertingMs = 0
  for (const { name, html, expected, url } of pages) {
    const begun = performance.now()
    const markdown = await convert(html, url).catch(() => '')
    convertingMs += performance.now() - begun
    scores.push({ name, ...wordScore(textOfMarkdown(markdown), expected) })
    // Some DOM libraries free what they hold only between turns of the event loop.
    await setImmediate()
  }
  const mean = (of: (score: WordScore) => number) =>
    Math.round((scores.reduce((sum, score) => sum + of(score), 0) / scores.length) * 1000) / 1000
  const worst = scores.toSorted((a, b) => a.f1 - b.f1).slice(0, worstMax)
  return {
    value: mean(({ f1 }) => f1),
    precision: mean(({ precision }) => precision),
    recall: mean(({ recall }) => recall),
    pages: pages.length,
    pages_per_s: Math.round((pages.length * 10_000) / convertingMs) / 10,
    worst: worst.map(({ name, f1 }) => `${name} ${f1.toFixed(2)}`),
  }
}
