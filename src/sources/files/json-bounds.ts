/** What a JSON text may hold before it is parsed. */
export interface JsonBounds {
  depth: number
  /** Commas and opening brackets: no fewer than the values that follow another or hold others. */
  values: number
}

/** What a request in JSON may hold. Far more than any tool or route takes; a text of any length is one value. */
export const requestBounds = { depth: 64, values: 50_000 }

/** Bytes of a request in JSON: a guideline of 1 MiB with every character escaped, or an MCP message. */
export const requestBytesMax = 4 * 1024 * 1024

/**
 * Whether a JSON text stays within bounds. Only brackets, commas and strings are looked at, each character
 * once: parsing, checking and printing what nests without end takes time and stack that this does not.
 */
export function isWithinBounds(text: string, { depth, values }: JsonBounds): boolean {
  let open = 0
  let seen = 0
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at)
        break
      case openBracket:
      case openBrace:
        open += 1
        seen += 1
        break
      case closeBracket:
      case closeBrace:
        open -= 1
        break
      case comma:
        seen += 1
        break
      default:
    }
    if (open > depth || seen > values) return false
  }
  return true
}

const quote = 34
const comma = 44
const openBracket = 91
const backslash = 92
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

/** Where the string that begins at `start` has its closing quotation mark, or the end of the text. */
export function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === quote) break
    at += code === backslash ? 2 : 1
  }
  return at
}
