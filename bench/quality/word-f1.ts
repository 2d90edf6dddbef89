export interface WordScore {
  f1: number
  precision: number
  recall: number
}

/** How far two texts hold the same words, each as often; their order does not count. */
export function wordScore(found: string, expected: string): WordScore {
  const left = new Map<string, number>()
  const wanted = wordsOf(expected)
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1)
  const words = wordsOf(found)
  const hits = words.filter((word) => {
    const count = left.get(word) ?? 0
    left.set(word, count - 1)
    return count > 0
  }).length
  const precision = words.length === 0 ? 0 : hits / words.length
  const recall = wanted.length === 0 ? 0 : hits / wanted.length
  return { f1: hits === 0 ? 0 : (2 * precision * recall) / (precision + recall), precision, recall }
}

/** Lower-cased; of scripts without spaces each character is one. */
const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}]+/gu) ?? []
