import { detectEncoding } from '../../sources/files/detect-encoding.ts'

/** `name=value` after a semicolon; a value in quotation marks may hold semicolons. */
const parameter = /;\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\[\s\S])*"|[^;]*)/g

/**
 * A parameter of Content-Disposition, as RFC 6266 says: `filename*` with its encoding comes before `filename`, which is
 * there for those who cannot read it, whichever of them stands first. Senders get percent signs, encodings and whole
 * syntaxes wrong, so what cannot be read so is read as it is. The header is given as latin1; null when there is none.
 */
export function dispositionName(header: string, name: string): string | null {
  const given = new Map<string, string>()
  for (const [, key = '', value = ''] of header.matchAll(parameter)) {
    const lower = key.toLowerCase()
    if (!given.has(lower)) given.set(lower, unquoted(value.trim()))
  }
  const extended = given.get(`${name}*`) ?? continued(given, name)
  const plain = given.get(name)
  if (extended !== undefined) {
    const text = extendedValue(extended)
    if (text !== '') return text
  }
  return plain === undefined ? null : plainValue(plain)
}

/** Browsers write `%22` for a quotation mark and leave the backslashes of a path alone. */
const unquoted = (value: string): string =>
  value.startsWith('"') ? value.slice(1, -1).replace(/\\(["\\])/g, '$1') : value

/** RFC 2231: `filename*0*=utf-8''a; filename*1=b`, in order of their numbers. */
function continued(given: ReadonlyMap<string, string>, name: string): string | undefined {
  let out: string | undefined
  for (let at = 0; at < 50; at += 1) {
    const encoded = given.get(`${name}*${at}*`)
    const literal = given.get(`${name}*${at}`)?.replaceAll('%', '%25')
    const piece = encoded ?? literal
    if (piece === undefined) break
    out = (out ?? (encoded === undefined ? "utf-8''" : '')) + piece
  }
  return out
}

function extendedValue(value: string): string {
  const [, charset = 'utf-8', coded = value] = /^([\w.:+-]*)'[^']*'([\s\S]*)$/.exec(value) ?? []
  const bytes = percentDecoded(coded)
  return decodedAs(charset || 'utf-8', bytes) ?? decoded(bytes)
}

/** A percent sign that encodes nothing is one. */
function percentDecoded(text: string): Buffer {
  const latin1 = text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(latin1, 'latin1')
}

/** Mail's way of writing names, which .NET and old libraries use here: `=?utf-8?B?w6k=?=`. */
const encodedWord = /=\?([\w.:-]+)(?:\*[\w-]+)?\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?/gi

function plainValue(value: string): string {
  const isWord = encodedWord.test(value)
  encodedWord.lastIndex = 0
  if (!isWord) return decoded(Buffer.from(value, 'latin1'))
  return value.replace(encodedWord, (all, charset: string, form: string, coded: string) => {
    const bytes =
      form.toLowerCase() === 'b'
        ? Buffer.from(coded, 'base64')
        : percentDecoded(
            coded
              .replaceAll('%', '%25')
              .replaceAll('_', ' ')
              .replace(/=([0-9a-f]{2})/gi, '%$1'),
          )
    return decodedAs(charset, bytes) ?? all
  })
}

function decodedAs(charset: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

const decoded = (bytes: Uint8Array): string =>
  decodedAs('utf-8', bytes) ?? new TextDecoder(detectEncoding(bytes).encoding).decode(bytes)
