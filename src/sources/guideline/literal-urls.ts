export interface LiteralUrl {
  url: string
  index: number
}

/**
 * Bare addresses in plain text, by the rules of GFM's extended autolinks: `http://`, `https://` or `www.`
 * where no letter and no `<` stands before, up to white space, `<` or the middle of a link, without the punctuation that ends a sentence
 * and without a closing parenthesis that was opened outside. Every character is read once.
 */
export function literalUrlsIn(text: string): LiteralUrl[] {
  const found: LiteralUrl[] = []
  const start = /https?:\/\/|www\./gi
  for (let match = start.exec(text); match; match = start.exec(text)) {
    const { index } = match
    const run = runFrom(text, index)
    const isWww = match[0].length === 4
    const mayStart = isWww ? /[\s*_~(]|^$/ : /[^a-z0-9<]|^$/i
    if (mayStart.test(text.charAt(index - 1))) {
      const address = withoutTrailing(run)
      const domain = address.slice(isWww ? 0 : match[0].length).split(/[/?#:@]/, 1)[0] ?? ''
      if (isDomain(domain)) found.push({ url: isWww ? `http://${address}` : address, index })
    }
    start.lastIndex = index + run.length
  }
  return found
}

function runFrom(text: string, index: number): string {
  const end = /[\s<]|\]\(/g
  end.lastIndex = index
  return text.slice(index, end.exec(text)?.index ?? text.length)
}

function isDomain(domain: string): boolean {
  if (domain.length > 255 || !/^[\p{L}\p{N}_.-]+$/u.test(domain)) return false
  const labels = domain.replace(/\.$/, '').split('.')
  const hasUnderscore = labels.slice(-2).some((label) => label.includes('_'))
  return labels.length > 1 && !hasUnderscore && labels.every((label) => label !== '')
}

function withoutTrailing(run: string): string {
  let unopened = 0
  for (const character of run) {
    if (character === '(') unopened -= 1
    if (character === ')') unopened += 1
  }
  let end = run.length
  while (end > 0) {
    const last = run.charAt(end - 1)
    if (/[?!.,:*_~'"\]}]/.test(last)) end -= 1
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
