import chardet from 'chardet'
import sniffEncoding from 'html-encoding-sniffer'

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
    const isBroken = /^utf-?8$/i.test(named) && isMislabelled(decoded)
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

function guess(bytes: Uint8Array, second: string | undefined): { text: string; charset: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), charset: 'utf-8' }
  } catch {
    const found = second && !/^utf-?8$/i.test(second) ? second : detected(bytes)
    return { text: new TextDecoder(found).decode(bytes), charset: found.toLowerCase() }
  }
}

function detected(bytes: Uint8Array): string {
  const label = chardet.detect(bytes.subarray(0, 200_000)) ?? 'windows-1252'
  try {
    return new TextDecoder(label).encoding
  } catch {
    return 'windows-1252'
  }
}
