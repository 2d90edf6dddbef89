import { crc32, deflateRawSync } from 'node:zlib'

/** A ZIP archive of compressed entries; enough for the document formats that are archives. */
export function zipOf(entries: Record<string, string | Uint8Array>): Uint8Array {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(entries)) {
    const raw = Buffer.from(content)
    const packed = deflateRawSync(raw)
    const local = header(0x04034b50, 30, raw, packed, name)
    const central = header(0x02014b50, 46, raw, packed, name)
    central.writeUInt32LE(offset, 42)
    bodies.push(local, packed)
    directory.push(central)
    offset += local.length + packed.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...bodies, list, end])
}

function header(
  signature: number,
  size: number,
  raw: Buffer,
  packed: Buffer,
  name: string,
): Buffer {
  const fields = Buffer.alloc(size)
  // The central entry has one more version field in front of what both share.
  const at = size === 46 ? 6 : 4
  fields.writeUInt32LE(signature, 0)
  fields.writeUInt16LE(20, 4)
  fields.writeUInt16LE(20, at)
  fields.writeUInt16LE(8, at + 4)
  fields.writeUInt32LE(crc32(raw), at + 10)
  fields.writeUInt32LE(packed.length, at + 14)
  fields.writeUInt32LE(raw.length, at + 18)
  fields.writeUInt16LE(Buffer.byteLength(name), at + 22)
  return Buffer.concat([fields, Buffer.from(name)])
}
