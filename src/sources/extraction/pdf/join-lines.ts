/** Joins a line to the text before it. */
export type JoinLines = (before: string, line: string) => string

/** First parts that keep their hyphen, unless what follows is an ending: `well-known`, and `well-ness`. */
const compound =
  /^(?:well|self|half|high|low|long|short|cross|full|non|co|two|three|five|seven|eight|nine|ten|all|ex|multi|real|open|large|small)$/i
const ending =
  /^(?:er|est|ly|ness|ish|ing|ings|ed|th|ths|teen|ty|cy|way|ways|light|lights|ion|ions|ity)\b/i
/** A word that shares its end with the next one: `pre- and post-war`, `Hafen- und Werftbau`. */
const shared = /^(?:and|or|und|oder|bzw|et|ou|y|e|en|of|to|as well)\b/i

const cjk = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\u3000-\u303f\uff00-\uffef]/u

/**
 * Joins lines by what the document says elsewhere. A word broken at the end of a line is one word again; ranges of
 * numbers, compounds and names keep the hyphen that their writer set; Chinese and Japanese have no space between lines.
 */
export function lineJoiner(texts: Iterable<string>): JoinLines {
  const written = wordsOf(texts)
  return (before, line) => {
    if (before === '') return line
    const [, word = '', hyphen = ''] =
      /([\p{L}\p{N}\u2010-]*[\p{L}\p{N}])([-\u2010\u00ad\u2013])$/u.exec(before) ?? []
    if (hyphen === '') return before + (isOneScript(before, line) ? '' : ' ') + line
    if (hyphen === '\u00ad') return before.slice(0, -1) + line
    if (/\p{N}$/u.test(word) && /^\p{N}/u.test(line)) return before + line
    if (hyphen === '\u2013' || shared.test(line) || !/^[\p{L}\p{N}]/u.test(line)) {
      return `${before} ${line}`
    }
    return keepsHyphen(word, line, written) ? before + line : before.slice(0, -1) + line
  }
}

const isOneScript = (before: string, line: string): boolean =>
  cjk.test([...before.slice(-2)].at(-1) ?? '') && cjk.test([...line.slice(0, 2)][0] ?? '')

function keepsHyphen(word: string, line: string, written: ReadonlySet<string>): boolean {
  const next = /^[\p{L}\p{N}]+/u.exec(line)?.[0] ?? ''
  const whole = (word + next).toLowerCase()
  const apart = `${word}-${next}`.toLowerCase()
  if (written.has(whole) !== written.has(apart)) return written.has(apart)
  // A word in capitals is broken as any other.
  if (/^\p{Lu}{2,}$/u.test(word) && /^\p{Lu}{2,}$/u.test(next)) return false
  // A capital, a digit, a hyphen before: nobody breaks words there.
  if (/^[\p{Lu}\p{N}]/u.test(line) || /[\p{N}\u2010-]/u.test(word)) return true
  return compound.test(word) && !isCo(word, next) && !ending.test(next)
}

/** `co-` is written with and without; unless the document says otherwise, most write without. */
const isCo = (word: string, next: string): boolean => /^co$/i.test(word) && !/^o(?!p)/i.test(next)

function wordsOf(texts: Iterable<string>): ReadonlySet<string> {
  const words = new Set<string>()
  for (const text of texts) {
    // What ends in a hyphen at the end of its line is what is asked about.
    for (const [word] of text.matchAll(
      /\p{L}[\p{L}\p{N}]*(?:-[\p{L}\p{N}]+)*(?![\p{L}\p{N}\u2010-])/gu,
    )) {
      words.add(word.toLowerCase())
    }
  }
  return words
}
