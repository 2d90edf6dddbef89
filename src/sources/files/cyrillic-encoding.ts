const encodings = ['windows-1251', 'koi8-u', 'ibm866', 'iso-8859-5'] as const

const sampleBytes = 100_000
/** More than half of the letters of Russian, Ukrainian and Bulgarian texts. */
const frequent = /[оеаинтсрвл]/giu

/**
 * The encoding of a text in Cyrillic script, or null. Each encoding gives the same bytes other letters; in the right one
 * the frequent letters are frequent, capitals begin words, and no letter stands beside a Latin one.
 */
export function cyrillicEncoding(bytes: Uint8Array): string | null {
  let best: { encoding: string; share: number } | null = null
  for (const encoding of encodings) {
    const share = shareOf(new TextDecoder(encoding).decode(bytes.subarray(0, sampleBytes)))
    if (share !== null && share > (best?.share ?? 0.35)) best = { encoding, share }
  }
  return best?.encoding ?? null
}

function shareOf(text: string): number | null {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0
  const letters = count(/\p{sc=Cyrl}/gu)
  if (letters < 4) return null
  const foreign = count(/[^\0-\x7f\p{sc=Cyrl}«»“”„‘’—–…№°§\u00a0]|[\x80-\x9f]/gu)
  const mixed = count(/[a-z]\p{sc=Cyrl}|\p{sc=Cyrl}[a-z]/giu) + count(/\p{Ll}(?=[А-ЯЁЄІЇҐ])/gu)
  // In KOI8 the letters of Hebrew are capitals.
  const isShouted = count(/\p{Ll}/gu) < letters / 2
  return isShouted || foreign + mixed > letters * 0.05 ? null : count(frequent) / letters
}
