import { endOfString } from './json-bounds.ts'

/** Parses JSON as Python writes it: with NaN and Infinity, which become null. Throws SyntaxError. */
export function parsePythonJson(source: string): unknown {
  const text = source.replace(/^\ufeff/, '')
  try {
    return JSON.parse(text)
  } catch (error) {
    const mended = withoutNonNumbers(text)
    if (mended === text) throw error
    return JSON.parse(mended)
  }
}

/** Outside of strings, where the words are what a writer wrote. Each character is read once. */
function withoutNonNumbers(text: string): string {
  const token = /"|-?(?:NaN|Infinity)\b/g
  let out = ''
  let from = 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '"') {
      token.lastIndex = endOfString(text, match.index) + 1
      continue
    }
    out += `${text.slice(from, match.index)}null`
    from = token.lastIndex
  }
  return out + text.slice(from)
}
