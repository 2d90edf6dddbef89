/** Words that carry no topic, and words that guidelines use about the article itself. */
const stopWords: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any are as at be because been before being below
  between both but by can could did do does doing down during each few for from further get had has have
  having he her here hers him his how i if in into is it its itself just like make many may me might more most
  much must my no nor not now of off on once one only or other our out over own same she should so some such
  than that the their them then there these they this those through to too two under until up upon use used
  uses using very via was we were what when where which while who whom why will with within without would you
  your article articles bullet chapter conclusion cover describe discuss example examples explain guideline
  guidelines heading include including introduction length mention note notes outline overview paragraph
  paragraphs part point points read reader readers reference references section sections show source sources step
  summary title tone topic word words write writing`.split(/\s+/),
)

// Scripts that write words without spaces between them.
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/** A topic word and the form in which it was written. */
export interface Term {
  /** Lower case, plural ending cut, so that `databases` and `Database` meet. */
  key: string
  written: string
}

/** The topic words of a text in order, repeated as often as they occur. Linear in the text. */
export function termsIn(text: string): Term[] {
  const terms: Term[] = []
  for (const [written] of text.matchAll(
    /[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}+#]|[-.'_](?=[\p{L}\p{N}]))*/gu,
  )) {
    if (unspaced.test(written)) terms.push(...pairsOf(written))
    else if (isTopic(written)) terms.push({ key: keyOf(written), written })
  }
  return terms
}

/** The distinct keys of a text. */
export const termKeys = (text: string): Set<string> => new Set(termsIn(text).map(({ key }) => key))

/** How much two sets have in common: 0 nothing, 1 all. */
export function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 && b.size === 0) return 1
  let shared = 0
  for (const key of a) if (b.has(key)) shared += 1
  return shared / (a.size + b.size - shared)
}

/** Whether a word carries no topic. */
export const isStopWord = (word: string): boolean => stopWords.has(word.toLowerCase())

function isTopic(word: string): boolean {
  if (word.length > 60) return false
  if (word.length === 1) return /[CR]/.test(word)
  return !stopWords.has(word.toLowerCase()) && !/^\d{1,2}$/.test(word)
}

function keyOf(word: string): string {
  const lower = word.toLowerCase().replace(/'s$/, '')
  if (lower.length > 4 && lower.endsWith('ies')) return `${lower.slice(0, -3)}y`
  if (lower.length > 3 && /[^siu.]s$/.test(lower) && !lower.includes('.')) return lower.slice(0, -1)
  return lower
}

function pairsOf(run: string): Term[] {
  const letters = [...run.slice(0, 200)]
  return letters.slice(0, -1).map((letter, index) => {
    const pair = letter + letters[index + 1]
    return { key: pair, written: pair }
  })
}
