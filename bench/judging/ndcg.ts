export interface RankedTopic {
  scores: readonly number[]
  isRelevant: readonly boolean[]
}

/** The mean over topics of the discounted gain of the ranking, as a share of the best that is possible. */
export const meanNdcg = (topics: readonly RankedTopic[]): number =>
  topics.reduce((sum, topic) => sum + ndcg(topic), 0) / topics.length

function ndcg({ scores, isRelevant }: RankedTopic): number {
  const ranked = scores
    .map((score, index) => ({ score, isRelevant: isRelevant[index] === true }))
    .toSorted((a, z) => z.score - a.score)
  const gain = (relevances: readonly boolean[]) =>
    relevances.reduce((sum, relevant, place) => sum + (relevant ? 1 / Math.log2(place + 2) : 0), 0)
  const best = gain(isRelevant.toSorted((a, z) => Number(z) - Number(a)))
  return gain(ranked.map((page) => page.isRelevant)) / best
}
