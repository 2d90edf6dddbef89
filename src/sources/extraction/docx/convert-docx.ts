import { inflateRawSync } from 'node:zlib'
import mammoth from 'mammoth'
import { zipArchive } from '../../files/zip-archive.ts'
import { SourceFailure } from '../../source-failure.ts'
import type { Converted } from '../converted.ts'
import { htmlToMarkdown } from '../html-to-markdown.ts'
import { readableWord } from './readable-word.ts'

const unpackedMax = 60_000_000
const entriesMax = 2_000

/** A Word document as Markdown; its pictures are left out. */
export async function convertDocx(bytes: Uint8Array, url: string): Promise<Converted> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  refuseBomb(buffer)
  let pictures = 0
  const convertImage = mammoth.images.imgElement(async () => {
    pictures += 1
    return { src: '' }
  })
  const archive = zipArchive(buffer, unpackedMax)
  const word = archive && readableWord(archive)
  const readable = archive && word?.changes.size ? archive.with(word.changes) : buffer
  const { value, messages } = await mammoth
    .convertToHtml({ buffer: readable }, { convertImage, externalFileAccess: false })
    .catch((cause: unknown) => {
      throw new SourceFailure('EXTRACTION_FAILED', 'not a Word document', { cause })
    })
  const markdown = htmlToMarkdown(word ? word.restore(value) : value, url)
  if (markdown.trim() === '') throw new SourceFailure('EMPTY')
  return {
    title: /^#+ (.+)$/m.exec(markdown)?.[1] ?? '',
    markdown,
    facts: {},
    notes: [
      'Word document.',
      ...(pictures > 0 ? [`${pictures} pictures were left out.`] : []),
      ...(word?.notes ?? []),
      ...unread(messages.map(({ message }) => message)),
    ],
  }
}

/** What the reader says of elements that it does not know, each once. */
function unread(messages: readonly string[]): string[] {
  const names = messages.flatMap(
    (message) => /^An unrecognised element was ignored: ([\w:-]{1,60})$/.exec(message)?.[1] ?? [],
  )
  const known = [...new Set(names)].filter(
    (name) => !/^(?:m|mc|w14|w15|v|o):|^w:(?:permStart|permEnd|cr)$/.test(name),
  )
  return known.length > 0
    ? [
        `Parts that the reader of Word documents does not know were left out: ${known.slice(0, 10).join(', ')}.`,
      ]
    : []
}

/** What an archive says of its size may be a lie, so each entry is unpacked once against what is left. */
function refuseBomb(zip: Buffer): void {
  let left = unpackedMax
  let at = zip.indexOf('PK\u0001\u0002', 0, 'latin1')
  for (let entries = 0; at !== -1 && at + 46 <= zip.length; entries += 1) {
    if (entries > entriesMax) throw new SourceFailure('TOO_LARGE', 'too many parts')
    const method = zip.readUInt16LE(at + 10)
    const packed = zip.readUInt32LE(at + 20)
    const local = zip.readUInt32LE(at + 42)
    left -= unpackedSize(zip, local, packed, method, left)
    const next =
      at + 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
    at = zip.indexOf('PK\u0001\u0002', next, 'latin1')
  }
}

function unpackedSize(
  zip: Buffer,
  local: number,
  packed: number,
  method: number,
  left: number,
): number {
  if (method !== 8 || local + 30 > zip.length) return packed
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  try {
    return inflateRawSync(zip.subarray(start, start + packed), {
      maxOutputLength: Math.max(1, left),
    }).length
  } catch (cause) {
    const isBomb = cause instanceof RangeError
    throw new SourceFailure(isBomb ? 'TOO_LARGE' : 'EXTRACTION_FAILED', undefined, { cause })
  }
}
