import type { SitePage } from './site-pages.ts'

/** Words too common to say what a page is about. */
const stopWords = new Set(
  'a an and are as at be by can do does for from has have how i in into is it its of on or that the their this to was we what when where which who why will with you your'.split(
    ' ',
  ),
)

interface Indexed {
  page: SitePage
  words: Map<string, number>
  sentences: string[]
}

/**
 * SearXNG's JSON over the pages of the example: rarer words of the query weigh more, words of the title
 * weigh threefold, at most eight results. Small enough to read, good enough that another question finds
 * other pages.
 */
export function createSearch(pages: SitePage[]): (query: string) => object {
  const index = pages.filter((page) => page.path !== '/robots.txt').map(indexed)
  return (query) => {
    const words = [...new Set(wordsOf(query))]
    const rarity = new Map(words.map((word) => [word, rarityOf(word, index)]))
    const scored = index
      .map((entry) => ({ entry, score: scoreOf(entry, rarity) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, 8)
    return {
      query,
      number_of_results: scored.length,
      results: scored.map(({ entry, score }) => ({
        url: `http://${entry.page.host}${entry.page.path}`,
        title: entry.page.title,
        content: bestSentence(entry.sentences, rarity),
        publishedDate: entry.page.publishedDate,
        engine: 'example',
        engines: ['example'],
        score,
        category: 'general',
      })),
      answers: [],
      corrections: [],
      infoboxes: [],
      suggestions: [],
      unresponsive_engines: [],
    }
  }
}

/** Plurals and singulars are one word here; that is all the stemming this needs. */
const wordsOf = (text: string): string[] =>
  (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
    .map((word) => word.replace(/(?<=...)(?:ing|ed|es|s)$/, ''))
    .filter((word) => word.length > 2 && !stopWords.has(word))

function indexed(page: SitePage): Indexed {
  const words = new Map<string, number>()
  const add = (word: string, weight: number) => words.set(word, (words.get(word) ?? 0) + weight)
  for (const word of wordsOf(page.title)) add(word, 3)
  for (const word of wordsOf(page.text)) add(word, 1)
  return { page, words, sentences: page.text.split(/\n|(?<=[.!?])\s+(?=\p{Lu})/u) }
}

const rarityOf = (word: string, index: Indexed[]): number => {
  const having = index.filter((entry) => entry.words.has(word)).length
  return having === 0 ? 0 : Math.log(1 + index.length / having)
}

function scoreOf(entry: Indexed, rarity: Map<string, number>): number {
  let score = 0
  for (const [word, weight] of rarity) {
    const count = entry.words.get(word) ?? 0
    score += weight * (count / (count + 2))
  }
  return score
}

function bestSentence(sentences: string[], rarity: Map<string, number>): string {
  const worth = (sentence: string) =>
    wordsOf(sentence).reduce((sum, word) => sum + (rarity.get(word) ?? 0), 0)
  const best = sentences.slice(0, 60).sort((a, b) => worth(b) - worth(a))[0] ?? ''
  return best.slice(0, 280)
}
