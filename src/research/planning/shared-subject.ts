import { isFrameHeading } from '../../sources/guideline/frame-headings.ts'
import type { OutlineSection } from './outline.ts'
import { termsIn } from './terms.ts'

interface Phrase {
  keys: string[]
  /** How it was written, and how often. */
  written: Map<string, number>
  sections: Set<number>
  count: number
}

const sectionCharsMax = 20_000
const wordsMax = 3
/** One word alone is shared easily and says little. */
const weightOfWords = [0, 0.3, 1, 1.1]
/** Half of the sections, and at least two, have to speak of what they share. */
const shareMin = 0.5
/** A second phrase stands beside the first only when nearly all sections speak of it. */
const bothMin = 0.7

/**
 * What most sections of an outline share, as written most often: “LLM workflows and AI agents”. Two phrases when
 * both are shared by nearly all and have no word in common. Empty when nothing is shared.
 */
export function sharedSubject(sections: readonly OutlineSection[]): string {
  const phrases = [...phrasesOf(sections).values()].filter(
    ({ sections: holders }) => holders.size >= 2 && holders.size >= sections.length * shareMin,
  )
  const weight = (phrase: Phrase) =>
    (phrase.sections.size / sections.length) ** 2 *
    Math.log(1 + phrase.count) *
    (weightOfWords[phrase.keys.length] ?? 0)
  const [best, ...others] = phrases.toSorted((a, b) => weight(b) - weight(a))
  if (!best) return ''
  const second = others.find(
    (phrase) =>
      phrase.keys.length > 1 &&
      phrase.sections.size >= sections.length * bothMin &&
      !phrase.keys.some((key) => best.keys.includes(key)) &&
      weight(phrase) >= 0.7 * weight(best),
  )
  const names = [best, ...(second && best.keys.length > 1 ? [second] : [])].map(asWritten)
  return names.join(' and ')
}

function phrasesOf(sections: readonly OutlineSection[]): Map<string, Phrase> {
  const phrases = new Map<string, Phrase>()
  for (const [index, { title, text }] of sections.entries()) {
    // A phrase ends where its sentence pauses.
    for (const piece of `${title}\n${text.slice(0, sectionCharsMax)}`.split(
      /[.,;:!?()[\]\n"“”–—/]+/,
    )) {
      for (const { keys, written } of wordRows(piece)) {
        const id = keys.join(' ')
        const phrase = phrases.get(id) ?? {
          keys,
          written: new Map(),
          sections: new Set(),
          count: 0,
        }
        phrases.set(id, phrase)
        phrase.sections.add(index)
        phrase.count += 1
        phrase.written.set(written, (phrase.written.get(written) ?? 0) + 1)
      }
    }
  }
  return phrases
}

/** One to three topic words that stand side by side. */
function wordRows(piece: string): { keys: string[]; written: string }[] {
  const words = piece.split(/\s+/).filter(Boolean).slice(0, 200)
  const topics = words.map((word) => {
    const [term, ...more] = termsIn(word)
    return term && more.length === 0 && !aboutWriting(word) ? term : null
  })
  const rows: { keys: string[]; written: string }[] = []
  for (let from = 0; from < topics.length; from += 1) {
    const keys: string[] = []
    const written: string[] = []
    for (const topic of topics.slice(from, from + wordsMax)) {
      if (!topic) break
      keys.push(topic.key)
      written.push(topic.written)
      rows.push({ keys: [...keys], written: written.join(' ') })
    }
  }
  return rows
}

const aboutWriting = (word: string): boolean =>
  isFrameHeading(word) || writersVerbs.test(word.replace(/[^\p{L}-]/gu, ''))

const writersVerbs =
  /^(?:mermaid|images?|screenshots?|highlight\w*|specify\w*|provide[sd]?|creat\w+|generat\w+|add(?:s|ing)?|attach|draw|start|ends?|making?|works?|working|problems?|different|better|first|second|third|simple|complex|high|level|quick|real|world|real-world|based|need\w*|time|available|following|via|e\.?g|ll|ve|re|don|doesn|isn|let|go|going|see|look\w*|take[ns]?|give[ns]?|get\w*|new|good|best|way|ways|lot|people|user|users|implement\w*|build\w*|running|run)$/i

function asWritten({ written }: Phrase): string {
  const [best] = [...written].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  return best?.[0] ?? ''
}
