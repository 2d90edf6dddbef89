import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { heuristicDecisions } from '../src/research/judging/heuristic-decisions.ts'
import { type FoundCandidate, scoreSources } from '../src/research/judging/score-sources.ts'
import { bm25 } from './judging/bm25.ts'
import { meanNdcg, type RankedTopic } from './judging/ndcg.ts'

const found = z.tuple([z.string(), z.string(), z.number().int()])
const topicSchema = z.object({
  guideline: z.string(),
  queries: z.array(z.string()),
  relevant: z.array(found),
  strays: z.array(found),
})

/** Whether a text is of the topic, of another one, or shares words with it by chance. */
type Sort = 'relevant' | 'stray' | 'by chance'

interface LabelledTopic {
  guideline: string
  queries: string[]
  pages: { candidate: FoundCandidate; sort: Sort }[]
}

/** What a search engine shows of a page; some show less. */
const snippetLengths = [300, 160]

/**
 * How well the scorer tells relevant pages from strays, without a model: the share of relevant pages that it rejects, of
 * strays that it keeps, and its ranking (nDCG) beside BM25 of the queries over the same pages and over all of them. The
 * pages are described in bench/judging; strays are the other topics' pages and some that share words by chance.
 */
export async function* judging(): AsyncGenerator<object> {
  const files = readdirSync(new URL('./judging/', import.meta.url)).filter((name) =>
    name.endsWith('.json'),
  )
  const read = files.map((name) =>
    topicSchema.parse(
      JSON.parse(readFileSync(new URL(`./judging/${name}`, import.meta.url), 'utf8')),
    ),
  )
  for (const chars of snippetLengths) {
    const topics = read.map((topic, index) =>
      labelled(
        topic,
        read.filter((_other, at) => at !== index).flatMap(({ relevant }) => relevant),
        chars,
      ),
    )
    yield { unit: 'share', snippet_chars: chars, ...sharesOf(topics) }
    yield { unit: 'nDCG', snippet_chars: chars, ...rankings(topics) }
  }
}

function labelled(
  { guideline, queries, relevant, strays }: z.infer<typeof topicSchema>,
  elsewhere: readonly z.infer<typeof found>[],
  chars: number,
): LabelledTopic {
  const pages = [
    ...relevant.map((page) => ({ page, sort: 'relevant' as const })),
    ...strays.map((page) => ({ page, sort: 'by chance' as const })),
    ...elsewhere.map((page) => ({ page, sort: 'stray' as const })),
  ]
  return {
    guideline,
    queries,
    pages: pages.map(({ page: [title, snippet, query], sort }, index) => ({
      sort,
      candidate: {
        number: index + 1,
        url: `https://site${index}.example/page`,
        title,
        snippet: snippet.slice(0, chars),
        query: queries[query % queries.length] ?? '',
        published_at: null,
        cited: false,
      },
    })),
  }
}

function sharesOf(topics: readonly LabelledTopic[]) {
  const judged = topics.flatMap(({ guideline, pages }) => {
    const decisions = heuristicDecisions(
      guideline,
      pages.map(({ candidate }) => candidate),
    )
    return pages.map(({ sort }, index) => ({ sort, keep: decisions[index]?.keep }))
  })
  const share = (sort: Sort, keep: boolean) => {
    const all = judged.filter((page) => page.sort === sort)
    return rounded(all.filter((page) => page.keep === keep).length / all.length)
  }
  return {
    relevant_rejected: share('relevant', false),
    strays_kept: share('stray', true),
    strays_by_chance_kept: share('by chance', true),
  }
}

function rankings(topics: readonly LabelledTopic[]) {
  const by = (scores: (topic: LabelledTopic) => number[]) =>
    rounded(
      meanNdcg(
        topics.map(
          (topic): RankedTopic => ({
            scores: scores(topic),
            isRelevant: topic.pages.map(({ sort }) => sort === 'relevant'),
          }),
        ),
      ),
    )
  const texts = ({ pages }: LabelledTopic) =>
    pages.map(({ candidate }) => `${candidate.title} ${candidate.snippet}`)
  const everything = topics.flatMap(texts)
  return {
    nova: by(({ guideline, pages }) =>
      scoreSources(
        guideline,
        pages.map(({ candidate }) => candidate),
      ).map(({ total }) => total),
    ),
    bm25: by((topic) => bm25(topic.queries, texts(topic), everything)),
  }
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000
