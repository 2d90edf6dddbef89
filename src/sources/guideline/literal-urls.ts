export interface LiteralUrl {
  url: string
  index: number
}

/** Marks of CJK and Arabic writing, double quotes, long dashes, arrows and emoji: typed beside addresses, and encoded within them. */
export const typographicEnds = String.raw`(?=[\u3000-\u303f\uff00-\uffef])[\p{P}\p{S}]|[“”„‟«»‹›…—―،؛؟۔।॥\u2190-\u21ff]|(?<=[A-Za-z0-9])\p{Extended_Pictographic}`

const ends = new RegExp(
  [
    String.raw`[\s<>"]|\]\(|[,;|](?=https?:\/\/)|'(?=[,;)\]}])|’(?![A-Za-z0-9])`,
    typographicEnds,
  ].join('|'),
  'giu',
)

/**
 * Bare addresses in plain text, by the rules of GFM's extended autolinks: `http://`, `https://` or `www.`
 * where no letter and no `<` stands before, up to white space, `<` or the middle of a link, without the punctuation that ends a sentence
 * and without a closing parenthesis that was opened outside. GFM knows ASCII only, so three rules are ours: an address
 * ends before what typographers and writers of other scripts set beside it, before what no address holds (`>`, `"`),
 * and before a word of another script that follows without a space. Every character is read once.
 */
export function literalUrlsIn(text: string): LiteralUrl[] {
  const found: LiteralUrl[] = []
  const start = /https?:\/\/|www\./gi
  for (let match = start.exec(text); match; match = start.exec(text)) {
    const { index } = match
    const isWww = match[0].length === 4
    const run = withoutNeighbour(runFrom(text, index), isWww ? 0 : match[0].length)
    const mayStart = isWww ? /[\s*_~(]|^$|[^\0-\x7f\p{sc=Latn}]/u : /[^a-z0-9<]|^$/i
    if (mayStart.test(text.charAt(index - 1))) {
      const address = withoutTrailing(run)
      const domain = address.slice(isWww ? 0 : match[0].length).split(/[/?#:@]/, 1)[0] ?? ''
      if (isDomain(domain)) found.push({ url: isWww ? `http://${address}` : address, index })
    }
    start.lastIndex = index + Math.max(run.length, match[0].length)
  }
  return found
}

function runFrom(text: string, index: number): string {
  ends.lastIndex = index
  return text.slice(index, ends.exec(text)?.index ?? text.length)
}

const foreignWord = /(?<=[a-z0-9])[\p{sc=Han}\p{sc=Hira}\p{sc=Hang}]/iu

/**
 * Chinese, Japanese and Korean set no space behind an address: `https://e.com/a然后`, `https://e.com에서`. Their words
 * belong to an address that holds such words already, to a name of a wiki, and to a host that goes on behind them.
 */
function withoutNeighbour(run: string, hostAt: number): string {
  const quoted = /^[\p{L}\p{N}.-]+(?=['’])/u.exec(run.slice(hostAt))?.[0]
  if (quoted !== undefined) return run.slice(0, hostAt + quoted.length)
  const at = foreignWord.exec(run)?.index
  if (at === undefined) return run
  const before = run.slice(0, at)
  const isWithin = /\/wiki\/|[^\0-\x7f]/.test(before)
  const isHost = !/[/?#]/.test(before.slice(hostAt))
  const hostGoesOn = isHost && /^[\p{L}\p{N}-]+\.[\p{L}]/u.test(run.slice(at))
  return isWithin || hostGoesOn ? run : before
}

function isDomain(domain: string): boolean {
  if (domain.length > 255 || !/^[\p{L}\p{N}_.-]+$/u.test(domain)) return false
  const labels = domain.replace(/\.$/, '').split('.')
  const hasUnderscore = labels.slice(-2).some((label) => label.includes('_'))
  return labels.length > 1 && !hasUnderscore && labels.every((label) => label !== '')
}

/** What ends a sentence or closes what was opened before the address, in any script. */
const trailing = /[?!.,:*_~'"\]}]|(?![!-~])\p{P}/u

function withoutTrailing(run: string): string {
  let unopened = 0
  for (const character of run) {
    if (character === '(') unopened -= 1
    if (character === ')') unopened += 1
  }
  let end = run.length
  while (end > 0) {
    const last = run.charAt(end - 1)
    if (trailing.test(last)) end -= 1
    else if (last === ')' && unopened > 0) {
      unopened -= 1
      end -= 1
    } else if (last === ';') {
      const entity = /&[a-z0-9]{1,31};$/i.exec(run.slice(Math.max(0, end - 33), end))
      end -= entity ? entity[0].length : 1
    } else break
  }
  return run.slice(0, end)
}
