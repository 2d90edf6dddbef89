import { outlineOf } from '../planning/outline.ts'
import { termsIn } from '../planning/terms.ts'

/** The stems of a page's words, with the word as it stood and how often. */
export type CountedWords = ReadonlyMap<string, { key: string; count: number }>

/** How much a word weighs: the rarer among the pages at hand, the more. */
export type Rarity = (stem: string) => number

/** The words of a section or a query, and the weight that says all of it. */
export interface AskedWords {
  words: ReadonlySet<string>
  whole: number
}

const sectionCharsMax = 20_000

/** BM25's: how soon a word said again adds nothing. */
const saturation = 1.2

export function countedWords(texts: readonly string[]): CountedWords {
  const counted = new Map<string, { key: string; count: number }>()
  for (const { key } of texts.flatMap(termsIn)) {
    for (const part of key.split('-')) {
      const stem = stemOf(part)
      const known = counted.get(stem)
      counted.set(stem, { key: known?.key ?? part, count: (known?.count ?? 0) + 1 })
    }
  }
  return counted
}

export const stemsIn = (text: string): string[] => [...countedWords([text]).keys()]

/** One set of words for each section of the outline, and one for the titles of all. */
export function sectionWords(guidelineText: string): Set<string>[] {
  const sections = outlineOf(guidelineText)
  const texts = sections.map(({ title, points, text }) =>
    [title, ...points, text.slice(0, sectionCharsMax)].join('\n'),
  )
  const titles = sections.map(({ title }) => title).join('\n')
  return [...texts, titles].map((text) => new Set(stemsIn(text.replace(/https?:\/\/\S+/g, ' '))))
}

/** Never zero: what all pages say is still what they are about. */
export function rarityAmong(pages: readonly CountedWords[]): Rarity {
  const holders = new Map<string, number>()
  for (const page of pages) {
    for (const stem of page.keys()) holders.set(stem, (holders.get(stem) ?? 0) + 1)
  }
  return (stem) => Math.log(1 + (pages.length + 1) / ((holders.get(stem) ?? 0) + 0.5))
}

/** So many words of average rarity say all that is asked. */
export function asked(words: ReadonlySet<string>, wordsForAll: number, rarity: Rarity): AskedWords {
  const sum = [...words].reduce((total, stem) => total + rarity(stem), 0)
  return { words, whole: (Math.min(wordsForAll, words.size) * sum) / Math.max(1, words.size) }
}

/** How much of what is asked a page says: 0 nothing, 1 all. */
export function answered({ words, whole }: AskedWords, page: CountedWords, rarity: Rarity): number {
  if (whole === 0) return 0
  let said = 0
  for (const [stem, { count }] of page) {
    if (words.has(stem)) {
      said += (rarity(stem) * count * (saturation + 1)) / (count + saturation)
    }
  }
  return Math.min(1, said / whole)
}

const endings =
  /(?:ations?|ingly|ments?|ings?|ions?|ities|ity|ers?|ed|ly|e?s|e|al|ive|[ae]nces?|[ai]ble)$/

/** Words of one family meet: “compaction” and “compacted”, “tolerant” is left to itself. */
function stemOf(word: string): string {
  if (word.length < 5) return word
  const stem = word.replace(endings, '')
  return stem.length < 4 ? word : stem.replace(/(.)\1$/, '$1')
}
