import {
  type AskedWords,
  answered,
  asked,
  type CountedWords,
  countedWords,
  type Rarity,
  rarityAmong,
  stemsIn,
} from '../judging/word-rarity.ts'
import { sectionCoverage } from '../planning/section-coverage.ts'
import { isRejected, type ResearchInput, type ResearchSource } from '../research-input.ts'
import { inlineText } from './inline-text.ts'

/** A sentence of a source, word for word. */
export interface Passage {
  source: number
  text: string
  /** Where it stands in the source's Markdown, in UTF-16 code units. */
  start: number
  end: number
}

/** What of the outline is served, and by which sources, the best first. */
export interface CoveredTitle {
  title: string
  sources: number[]
}

/** Which sources speak of what, by the words of their sentences. */
export interface SpokenOf {
  coverage: CoveredTitle[]
  /** The sentences that answer a query best; none when none says enough of it. */
  answering: (query: { query: string; found: readonly number[] }) => Passage[]
}

interface Sentence extends Passage {
  words: CountedWords
}

/** Bounds on what is read for it: of one source, and of all, in characters. */
const sourceCharsMax = 40_000
const allCharsMax = 1_500_000
const sentenceChars = { min: 40, max: 420 }
const answeringMax = 3
const ofOneSourceMax = 2
/** So much of a query a sentence has to say, and so much of a section's telling words a source has to. */
const queryShareMin = 0.5
const sectionShareMin = 0.55
const queryWords = 4
const sectionWords = 3
/** A sentence of a page that the query itself found is preferred. */
const foundCounts = 1.15

/**
 * Reads the sentences of all sources that were not rejected, once. Linear in their text, within bounds. It yields nothing
 * again and again, so that its caller can do other work in between.
 */
export function* spokenOf(input: ResearchInput): Generator<string, SpokenOf> {
  const sources = [...input.sources]
    .filter((source) => !isRejected(source))
    .sort((a, b) => a.number - b.number)
  const sentences = yield* sentencesOf(sources)
  const rarity = rarityAmong(sentences.map(({ words }) => words))
  return {
    coverage: yield* coverageOf(input, sources, sentences, rarity),
    answering: ({ query, found }) => {
      const wanted = asked(new Set(stemsIn(query)), queryWords, rarity)
      return bestOf(sentences, wanted, new Set(found), rarity)
    },
  }
}

function* sentencesOf(sources: readonly ResearchSource[]): Generator<string, Sentence[]> {
  const sentences: Sentence[] = []
  let left = allCharsMax
  for (const { number, markdown } of sources) {
    const text = (markdown ?? '').slice(0, Math.min(sourceCharsMax, left))
    left -= text.length
    for (const { start, end } of sentenceSpans(text)) {
      const sentence = text.slice(start, end)
      // What would have to be escaped would not stand there word for word.
      if (inlineText(sentence) !== sentence) continue
      sentences.push({
        source: number,
        text: sentence,
        start,
        end,
        words: countedWords([sentence]),
      })
    }
    yield ''
  }
  return sentences
}

/** Sentences of running text: no headings, tables, code or links. */
function* sentenceSpans(text: string): Generator<{ start: number; end: number }> {
  let at = 0
  let fence: string | null = null
  for (const line of text.split('\n')) {
    const begin = at
    at += line.length + 1
    const marker = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (marker) {
      if (fence === null) fence = marker
      else if (marker.startsWith(fence)) fence = null
      continue
    }
    if (fence !== null || /^\s*(?:#|\||!\[| {4})/.test(line)) continue
    const from = /^\s*(?:[-*+>]\s+|\d{1,3}[.)]\s+)?/.exec(line)?.[0].length ?? 0
    let start = from
    for (const { index, 0: gap } of line
      .slice(from)
      .matchAll(/(?<=[.!?][)”"’]?)\s+(?=[\p{Lu}\p{N}“"])|$/gu)) {
      const end = from + index
      const length = end - start
      const isWhole = /[.!?][)”"’]?$/.test(line.slice(start, end))
      if (isWhole && length >= sentenceChars.min && length <= sentenceChars.max) {
        yield { start: begin + start, end: begin + end }
      }
      start = end + gap.length
    }
  }
}

function bestOf(
  sentences: readonly Sentence[],
  wanted: AskedWords,
  found: ReadonlySet<number>,
  rarity: Rarity,
): Passage[] {
  const ranked = sentences
    .map((sentence) => {
      const said = answered(wanted, sentence.words, rarity)
      return { sentence, said, worth: found.has(sentence.source) ? said * foundCounts : said }
    })
    .filter(({ said }) => said >= queryShareMin)
    .toSorted((a, b) => b.worth - a.worth)
  const taken: Passage[] = []
  const texts = new Set<string>()
  for (const { sentence } of ranked) {
    const { words: _words, ...passage } = sentence
    const ofSource = taken.filter(({ source }) => source === passage.source).length
    if (taken.length === answeringMax) break
    if (ofSource === ofOneSourceMax || texts.has(passage.text)) continue
    texts.add(passage.text)
    taken.push(passage)
  }
  return taken
}

/** A source speaks of a section when one of its sentences, its title or what a search showed of it does. */
function* coverageOf(
  input: ResearchInput,
  sources: readonly ResearchSource[],
  sentences: readonly Sentence[],
  rarity: Rarity,
): Generator<string, CoveredTitle[]> {
  if (input.guideline === null) return []
  const sections = sectionCoverage({
    guidelineText: input.guideline,
    title: input.title,
    linkTitles: [],
    sourceExcerpts: [],
    pastQueries: [],
    results: [],
  }).toSorted((a, b) => a.place - b.place)
  const texts: { source: number; words: CountedWords }[] = [
    ...sentences,
    ...sources.map(({ number, title, snippet }) => ({
      source: number,
      words: countedWords([title, snippet ?? '']),
    })),
  ]
  const coverage: CoveredTitle[] = []
  for (const { title, keyTerms } of sections) {
    const telling = new Set(stemsIn(keyTerms.join(' ')))
    // A section of few words is spoken of by fewer.
    const enough = Math.max(1, Math.min(sectionWords, Math.ceil(telling.size / 4)))
    const wanted = asked(telling, enough, rarity)
    const best = new Map<number, number>()
    for (const { source, words } of texts) {
      const said = answered(wanted, words, rarity)
      if (said > (best.get(source) ?? 0)) best.set(source, said)
    }
    const speaking = [...best]
      .filter(([, said]) => said >= sectionShareMin)
      .toSorted(([a, n], [b, m]) => m - n || a - b)
    coverage.push({ title, sources: speaking.map(([source]) => source) })
    yield ''
  }
  return coverage
}
