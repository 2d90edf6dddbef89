import sniffEncoding from 'html-encoding-sniffer'
import { detectEncoding } from '../files/detect-encoding.ts'

/** Text of unknown encoding: header, byte order mark, `<meta>` or XML declaration, UTF-8, then a guess. */
export function decodeText(
  bytes: Uint8Array,
  declared: string | null,
  form: 'html' | 'xml' | 'text',
): { text: string; charset: string } {
  const named = declaredEncoding(bytes, declared, form)
  if (named !== undefined) {
    const decoded = new TextDecoder(named).decode(bytes)
    // A server that says UTF-8 of everything it serves is common; a page of replacement characters is not.
    const isBroken =
      isMislabelled(decoded) || decoded.includes('\0') || (isRefuted(decoded) && isUtf8(bytes))
    if (!isBroken) return { text: decoded, charset: named.toLowerCase() }
    return guess(bytes, declaredEncoding(bytes, null, form))
  }
  return guess(bytes, undefined)
}

const nothing = 'x-nothing-declared'

function declaredEncoding(
  bytes: Uint8Array,
  declared: string | null,
  form: string,
): string | undefined {
  const found = sniffEncoding(bytes, {
    xml: form === 'xml',
    defaultEncoding: nothing,
    ...(declared ? { transportLayerEncodingLabel: declared } : {}),
  })
  return found && found !== nothing && found !== 'replacement' ? found : undefined
}

/** A page of one encoding with a quotation in another has more good characters beyond ASCII than broken ones. */
function isMislabelled(text: string): boolean {
  const broken = text.match(/\uFFFD/g)?.length ?? 0
  const good = text.match(/[^\0-\x7F\uFFFD]/g)?.length ?? 0
  return broken > text.length * 0.001 && broken > good
}

const isRefuted = (decoded: string): boolean => decoded.includes('\uFFFD')

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function guess(bytes: Uint8Array, second: string | undefined): { text: string; charset: string } {
  const { encoding } = detectEncoding(bytes)
  const isSecond = encoding !== 'utf-8' && second && !/^utf-?8$/i.test(second)
  const found = isSecond ? second : encoding
  return { text: new TextDecoder(found).decode(bytes), charset: found.toLowerCase() }
}
