import { crc32, inflateRawSync } from 'node:zlib'

/** One file of an archive, packed as it lies there. */
interface Entry {
  name: string
  method: number
  crc: number
  packed: Buffer
  size: number
}

/** A ZIP archive in memory: its texts, and the same archive with some of them changed. */
export interface ZipArchive {
  names: readonly string[]
  /** The file as text, or null when there is none of that name or it cannot be unpacked. */
  text: (name: string) => string | null
  /** The archive with other texts for these names. */
  with: (changes: ReadonlyMap<string, string>) => Buffer
}

const central = 0x02014b50
const local = 0x04034b50
const endOfDirectory = 0x06054b50

/**
 * Opens an archive by its directory; null for what is damaged, encrypted or of the 64-bit kind. Nothing is unpacked before
 * it is asked for, and then no more than `textMax` bytes of one file.
 */
export function zipArchive(zip: Buffer, textMax: number): ZipArchive | null {
  const entries = entriesOf(zip)
  if (!entries) return null
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  return {
    names: [...byName.keys()],
    text(name) {
      const entry = byName.get(name)
      return entry ? unpacked(entry, textMax) : null
    },
    with: (changes) =>
      written(
        entries.map((entry) => {
          const changed = changes.get(entry.name)
          if (changed === undefined) return entry
          const packed = Buffer.from(changed)
          return { ...entry, method: 0, crc: crc32(packed), packed, size: packed.length }
        }),
      ),
  }
}

function entriesOf(zip: Buffer): Entry[] | null {
  const end = zip.lastIndexOf('PK\u0005\u0006', undefined, 'latin1')
  if (end < 0 || end + 22 > zip.length) return null
  const entries: Entry[] = []
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== central) return null
    const isEncrypted = (zip.readUInt16LE(at + 8) & 1) === 1
    const [nameSize, extraSize, noteSize] = [28, 30, 32].map((field) =>
      zip.readUInt16LE(at + field),
    )
    const from = zip.readUInt32LE(at + 42)
    if (isEncrypted || from + 30 > zip.length || zip.readUInt32LE(from) !== local) return null
    const start = from + 30 + zip.readUInt16LE(from + 26) + zip.readUInt16LE(from + 28)
    const name = zip.toString('utf8', at + 46, at + 46 + (nameSize ?? 0))
    entries.push({
      name,
      method: zip.readUInt16LE(at + 10),
      crc: zip.readUInt32LE(at + 16),
      packed: zip.subarray(start, start + zip.readUInt32LE(at + 20)),
      size: zip.readUInt32LE(at + 24),
    })
    at += 46 + (nameSize ?? 0) + (extraSize ?? 0) + (noteSize ?? 0)
  }
  return entries
}

function unpacked({ method, packed }: Entry, textMax: number): string | null {
  try {
    const bytes = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: textMax })
    return method === 0 || method === 8 ? bytes.toString('utf8').replace(/^\ufeff/, '') : null
  } catch {
    return null
  }
}

function written(entries: readonly Entry[]): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    // The name is UTF-8.
    fields.writeUInt16LE(0x0800, 2)
    fields.writeUInt16LE(entry.method, 4)
    fields.writeUInt32LE(entry.crc, 10)
    fields.writeUInt32LE(entry.packed.length, 14)
    fields.writeUInt32LE(entry.size, 18)
    fields.writeUInt16LE(name.length, 22)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    bodies.push(word(local), fields, name, entry.packed)
    directory.push(word(central), Buffer.from([20, 0]), fields, tail, name)
    offset += 30 + name.length + entry.packed.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(list.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...bodies, list, word(endOfDirectory), end])
}

function word(value: number): Buffer {
  const four = Buffer.alloc(4)
  four.writeUInt32LE(value)
  return four
}
