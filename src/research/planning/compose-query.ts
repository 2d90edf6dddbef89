import { isClause, type KeyPhrase } from './key-phrases.ts'
import { similarity, termKeys } from './terms.ts'

const sectionWordsMax = 4
/** Longer rows of words need a colon between the subject and what is asked about it. */
const wordsInARow = 5

/**
 * The subject of the article and a phrase of one section as one would type them: `event sourcing snapshots`,
 * `event sourcing: when not to use it`. A phrase that names the subject stands alone; one word of a list
 * takes the section's title along.
 */
export function composeQuery(subject: string, sectionTitle: string, phrase: KeyPhrase): string {
  const keys = termKeys(phrase.text)
  const subjectKeys = termKeys(subject)
  const own = [...keys].filter((key) => !subjectKeys.has(key))
  if (subjectKeys.size === 0 || own.length + subjectKeys.size === keys.size) return phrase.text
  if (own.length === 0 && similarity(keys, subjectKeys) >= 0.5) return subject
  const context = own.length === 1 && phrase.from === 'point' ? sectionTitle : ''
  if (fitsBefore(context, phrase.text)) {
    const subjectInTitle = [...subjectKeys].every((key) => termKeys(context).has(key))
    return [...(subjectInTitle ? [] : [subject]), context, phrase.text].join(' ')
  }
  const words = `${subject} ${phrase.text}`
  const reads = !isClause(phrase.text) && words.split(' ').length <= wordsInARow
  return reads && !/^\S+ing\s\S+\s/i.test(subject) ? words : `${subject}: ${phrase.text}`
}

function fitsBefore(context: string, phrase: string): boolean {
  if (context === '' || isClause(context) || context.split(' ').length > sectionWordsMax)
    return false
  return similarity(termKeys(context), termKeys(phrase)) === 0
}

/**
 * Phrases without the capital that only their place gave them. A word that the guideline writes with a
 * capital inside of a sentence is a name and keeps it.
 */
export function uncapitaliser(guidelineText: string): (phrase: string) => string {
  const names = new Set(guidelineText.match(/(?<=[\p{Ll},;)] )\p{Lu}\p{Ll}+/gu) ?? [])
  return (phrase) => {
    const [, first = '', next = ''] = /^(\p{Lu}\p{Ll}*)[,;:]?(?:\s+(\p{L})|$)/u.exec(phrase) ?? []
    if (first === '' || names.has(first)) return phrase
    const isTitleCase = next !== '' && next === next.toUpperCase() && next !== next.toLowerCase()
    return isTitleCase ? phrase : phrase.charAt(0).toLowerCase() + phrase.slice(1)
  }
}
