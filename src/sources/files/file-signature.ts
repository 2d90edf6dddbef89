const signatures: readonly (readonly [string, string])[] = [
  ['504b0304', 'a ZIP archive'],
  ['504b0506', 'a ZIP archive'],
  ['255044462d', 'a PDF document'],
  ['89504e470d0a1a0a', 'a PNG image'],
  ['ffd8ff', 'a JPEG image'],
  ['474946383761', 'a GIF image'],
  ['474946383961', 'a GIF image'],
  ['1f8b08', 'a gzip archive'],
  ['425a68', 'a bzip2 archive'],
  ['fd377a585a00', 'an xz archive'],
  ['28b52ffd', 'a Zstandard archive'],
  ['377abcaf271c', 'a 7-Zip archive'],
  ['526172211a07', 'a RAR archive'],
  ['7f454c46', 'a program'],
  ['d0cf11e0a1b11ae1', 'an Office document'],
]

/** What binary format the bytes begin like, in words, or null. No text format begins like these. */
export function binarySignature(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 8)).toString('hex')
  const hit = signatures.find(([magic]) => head.startsWith(magic))
  // "BZh" can begin a sentence; a bzip2 stream goes on with a level digit.
  if (hit?.[1] === 'a bzip2 archive' && !/^425a683[1-9]31415926/.test(head)) return null
  return hit?.[1] ?? null
}
