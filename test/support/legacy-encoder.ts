/** Writes text in an encoding that the platform only reads, by reading every character of it once. */
export function legacyEncoder(encoding: string): (text: string) => Uint8Array {
  const bytesOf = new Map<string, readonly number[]>()
  const decoder = new TextDecoder(encoding)
  const learn = (...bytes: number[]) => {
    const text = decoder.decode(Uint8Array.from(bytes))
    const isOne = [...text].length === 1 && text !== '\ufffd'
    if (isOne && !bytesOf.has(text)) bytesOf.set(text, bytes)
  }
  for (let byte = 0; byte < 256; byte += 1) learn(byte)
  for (let lead = 0x81; lead < 0xff; lead += 1) {
    for (let trail = 0x40; trail < 0xff; trail += 1) learn(lead, trail)
  }
  return (text) =>
    Uint8Array.from(
      [...text].flatMap((character) => {
        const bytes = bytesOf.get(character)
        if (!bytes) throw new Error(`${encoding} has no ${character}`)
        return bytes
      }),
    )
}
