import { sourceMark } from '../../sources/guideline/plain-line.ts'
import { clipGraphemes } from '../../visible-text.ts'
import { headingSort } from './meta-headings.ts'
import type { OutlineSection } from './outline.ts'
import { topicalSentences, withoutLeadIn } from './sentences.ts'
import { isStopWord, termKeys } from './terms.ts'

/** Words, as the guideline has them, by which one can ask about a section. */
export interface KeyPhrase {
  text: string
  from: 'title' | 'point'
}

const phraseWordsMax = 14
const listItemWordsMax = 5
const phrasesMax = 40

/** Words that name a source, not what it says. */
const sourceWords =
  /^(?:handbooks?|docs?|documentation|threads?|talks?|posts?|blogs?|reports?|pages?|papers?|links?|videos?|changelogs?|repo(?:sitorie)?s?|repository|files?|drafts?|interviews?|essays?|figures?|faq|runbooks?|guides?|urls?|website|sites?|listings?)$/

/** The phrases of a section, the most telling first: its title, its list items, its statements, their parts. */
export function keyPhrases(section: OutlineSection): KeyPhrase[] {
  const isGeneric = headingSort(section.title) === 'generic'
  const titles = isGeneric ? [] : [titlePhrase(section.title)]
  const statements = isGeneric ? [] : section.paragraphs.flatMap(topicalSentences)
  const points = [...section.points, ...statements.filter(namesNoSource)].map(cleanPhrase)
  const parts = [...titles, ...points].flatMap(listed)
  const phrases: KeyPhrase[] = [
    ...titles.map((text) => ({ text, from: 'title' as const })),
    ...[...points, ...parts].map((text) => ({ text, from: 'point' as const })),
  ]
  return phrases.filter(({ text }) => topicsOf(text) > 0 || isCompleted(text)).slice(0, phrasesMax)
}

/** Whether a phrase asks or tells something, so that a subject cannot be put before it. */
export const isClause = (phrase: string): boolean =>
  /^(?:why|when|how|what|where|which|who|whether|if|not|do|does|is|are|can|should)\b/i.test(
    phrase,
  ) || phrase.split(' ').length > listItemWordsMax

const topicsOf = (text: string): number =>
  [...termKeys(text)].filter((key) => !sourceWords.test(key)).length

const namesNoSource = (text: string): boolean =>
  !text
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .some((word) => sourceWords.test(word))

const wholeTitleWords = 9

/** A short title of two topics keeps both; “Introduction: the decision” is about the decision. */
function titlePhrase(title: string): string {
  const [, head = '', tail = ''] = /^([^:]{2,100}):\s+(.+)$/.exec(title) ?? []
  const isShort = title.split(' ').length <= wholeTitleWords
  if (!isShort || topicsOf(head) < 2 || topicsOf(tail) < 2) return cleanPhrase(title)
  return headingSort(head) === 'generic' ? cleanPhrase(tail) : cleanPhrase(`${head}, ${tail}`)
}

/** One phrase in its own word order: without what leads in, what stands in brackets, and what only names a source. */
function cleanPhrase(text: string): string {
  const bare = beforeSource(text.replace(/\([^()]*\)/g, ' '))
    .replace(/["“”„«»‘]|(?<!\p{L})['’]|['’](?!\p{L})/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
  const topical = withoutArticle(withoutLeadIn(bare))
  return completed(clipped(headOrTail(topical)))
}

/** Up to the first address, and back to where it was led up to. */
function beforeSource(text: string): string {
  const at = text.indexOf(sourceMark)
  if (at < 0) return text
  const leadUp = /(?:[,;:–—]|\s(?:and|at|in|from|see|with|by|on|per)\b)\s*(?:[^\s,;:]+\s+){0,4}$/i
  return text.slice(0, at).replace(leadUp, '')
}

/** Of “name: explanation” what names more: `Time: old events, snapshots` asks about the latter. */
function headOrTail(text: string): string {
  const [, head, tail] = /^([^:]{2,200}?)(?::|\s+[-–—])\s+(.+)$/.exec(text) ?? []
  if (head === undefined || tail === undefined) return text
  const [ofHead, ofTail] = [topicsOf(head), topicsOf(tail)]
  const isNamed = namesNoSource(head)
  if (ofTail === 0 || (ofHead >= 2 && isNamed)) return head
  if (ofHead === 0 || !isNamed) return withoutArticle(tail)
  if (isQuestion(tail)) return `${head}, ${tail}`
  return ofTail > ofHead ? withoutArticle(tail) : head
}

const isQuestion = (text: string): boolean =>
  /^(?:why|when|how|what|where|which|who|whether)\b/i.test(text)

const withoutArticle = (text: string): string => text.replace(/^(?:the|an?)\s+/i, '')

function clipped(text: string): string {
  const words = clipGraphemes(text.replace(/[\s.,;:!?…]+$/u, ''), 400).split(' ')
  if (words.length > phraseWordsMax) {
    const within = words.slice(0, phraseWordsMax)
    const pause = within.findLastIndex((word, at) => at >= 3 && /[,;:.]$/.test(word))
    words.length = pause >= 0 ? pause + 1 : phraseWordsMax
    while (words.length > 0 && isStopWord(words.at(-1) ?? '')) words.pop()
  }
  return clipGraphemes(words.join(' ').replace(/[\s.,;:!?…]+$/u, ''), 160)
}

/** Headings that stop before what everybody adds in thought. */
function completed(text: string): string {
  if (/^(?:when )?not to$/i.test(text)) return `${text} use it`
  if (/^who$/i.test(text)) return `${text} uses it`
  return text.replace(/^(why|when)(?: to)?$/i, (_all, word: string) => `${word} to use it`)
}

const isCompleted = (text: string): boolean => /^(?:when|why|who|not)\b.* uses? it$/i.test(text)

/** The items of an enumeration, when they are short enough to be names. */
function listed(text: string): string[] {
  if (!text.includes(',')) return []
  const items = text.split(/\s*,\s*(?:and |or )?|\s+and\s+(?=\S+(?:\s\S+)?$)/i).map(withoutArticle)
  const isNames = items.every((item) => {
    const words = item.split(' ')
    return words.length <= listItemWordsMax && !isStopWord(words[0] ?? '')
  })
  return isNames ? items.filter((item) => item !== '') : []
}
