import { termsIn } from '../../src/research/planning/terms.ts'

const k1 = 1.2
const b = 0.75

/** The best score of each text for any of the queries, by Okapi BM25 with the rarities of a whole collection. */
export function bm25(
  queries: readonly string[],
  texts: readonly string[],
  collection: readonly string[],
): number[] {
  const counted = collection.map(countsOf)
  const mean = counted.reduce((sum, { length }) => sum + length, 0) / counted.length
  const rarity = (key: string) => {
    const holders = counted.filter(({ counts }) => counts.has(key)).length
    return Math.log(1 + (counted.length - holders + 0.5) / (holders + 0.5))
  }
  return texts.map((text) => {
    const { counts, length } = countsOf(text)
    const scores = queries.map((query) =>
      [...countsOf(query).counts.keys()].reduce((sum, key) => {
        const count = counts.get(key) ?? 0
        return sum + (rarity(key) * count * (k1 + 1)) / (count + k1 * (1 - b + (b * length) / mean))
      }, 0),
    )
    return Math.max(...scores)
  })
}

function countsOf(text: string): { counts: Map<string, number>; length: number } {
  const counts = new Map<string, number>()
  const terms = termsIn(text)
  for (const { key } of terms) counts.set(key, (counts.get(key) ?? 0) + 1)
  return { counts, length: terms.length }
}
