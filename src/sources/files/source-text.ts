import { isBinaryFile } from 'isbinaryfile'

/** A repository's file as text with LF line ends, or null when it is binary. Legacy encodings are guessed. */
export async function sourceText(bytes: Uint8Array): Promise<string | null> {
  const [first, second] = bytes
  const utf16 =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : null
  if (!utf16 && bytes.byteLength > 0) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (await isBinaryFile(buffer, { size: buffer.length })) return null
  }
  return decoded(bytes, utf16).replace(/\r\n?/g, '\n')
}

function decoded(bytes: Uint8Array, utf16: string | null): string {
  if (utf16) return new TextDecoder(utf16).decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
